#include "modes/bot/assignment.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace netchat::bot {

Assignment::Assignment(std::vector<size_t> wanted)
    : wanted_(std::move(wanted)),
      wantedSum_(std::accumulate(wanted_.begin(), wanted_.end(), size_t{0})),
      has_(wanted_.size()) {
}

bool Assignment::place(size_t event, std::vector<size_t> lines) {
    assert(!placed_.count(event));
    placed_[event] = std::move(lines);
    std::vector<bool> visited(wanted_.size());
    if (placeAt(event, visited)) return true;
    placed_.erase(event);
    return false;
}

// Into a line with room; or into a full one, one of whose events can go elsewhere. Not deeper than
// there are lines.
bool Assignment::placeAt(size_t event, std::vector<bool>& visited) {
    const std::vector<size_t>& lines = placed_.at(event);
    for (const size_t line : lines) {
        if (isFull(line)) continue;
        has_[line].push_back(event);
        return true;
    }
    for (const size_t line : lines) {
        if (visited[line]) continue;
        visited[line] = true;
        for (size_t i = 0; i < has_[line].size(); ++i) {
            if (!placeAt(has_[line][i], visited)) continue;
            has_[line][i] = event;
            return true;
        }
    }
    return false;
}

size_t Assignment::lastOf(size_t line) const {
    return *std::max_element(has_[line].begin(), has_[line].end());
}

}  // namespace netchat::bot

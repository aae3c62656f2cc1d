#include "protocol/nearest.h"

#include <algorithm>
#include <vector>

namespace netchat {

namespace {

// Words and typings beyond this length have no nearest: it bounds the work.
constexpr size_t kLengthMax = 64;

// Optimal string alignment distance, over bytes.
size_t edits(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

std::string_view onlyOneThatBegins(std::string_view typed,
                                   std::span<const std::string_view> words) {
    std::string_view found;
    for (const auto word : words) {
        if (!word.starts_with(typed)) continue;
        if (!found.empty()) return {};
        found = word;
    }
    return found;
}

}  // namespace

std::string_view nearestWord(std::string_view typed, std::span<const std::string_view> words) {
    if (typed.empty() || typed.size() > kLengthMax) return {};
    if (const auto only = onlyOneThatBegins(typed, words); !only.empty()) return only;
    std::string_view best;
    size_t bestEdits = 1 + std::max<size_t>(1, typed.size() / 3);
    for (const auto word : words) {
        if (word.size() > kLengthMax) continue;
        const size_t distance = edits(typed, word);
        if (distance < bestEdits) best = word, bestEdits = distance;
    }
    return best;
}

}  // namespace netchat

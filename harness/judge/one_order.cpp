#include "harness/judge/one_order.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace netchat::harness {

void OneOrder::add(uint32_t before, uint32_t after, uint32_t receiver) {
    edges_.push_back({before, after, receiver});
    if (edges_.size() >= compactAt_) compact();
}

// Receivers agree nearly everywhere, so their relations are kept once.
void OneOrder::compact() {
    const auto key = [](const Edge& e) { return std::tie(e.before, e.after); };
    std::sort(edges_.begin(), edges_.end(), [&](const Edge& a, const Edge& b) {
        return std::tie(a.before, a.after, a.receiver) < std::tie(b.before, b.after, b.receiver);
    });
    edges_.erase(std::unique(edges_.begin(), edges_.end(),
                             [&](const Edge& a, const Edge& b) { return key(a) == key(b); }),
                 edges_.end());
    compactAt_ = std::max(compactAt_, 2 * edges_.size());
}

// Takes away whatever nothing comes before, again and again; what stays lies on or behind a cycle,
// and going back from there by any edge must come round to where it has been.
std::vector<OneOrder::Edge> OneOrder::cycle() {
    compact();
    std::unordered_map<uint32_t, size_t> incoming;
    for (const Edge& edge : edges_) {
        incoming.try_emplace(edge.before, 0);
        ++incoming[edge.after];
    }
    std::vector<uint32_t> free;
    for (const auto& [item, count] : incoming) {
        if (count == 0) free.push_back(item);
    }
    const auto outgoing = [&](uint32_t item) {
        return std::equal_range(edges_.begin(), edges_.end(), Edge{item, 0, 0},
                                [](const Edge& a, const Edge& b) { return a.before < b.before; });
    };
    while (!free.empty()) {
        const uint32_t item = free.back();
        free.pop_back();
        incoming.erase(item);
        for (auto [edge, end] = outgoing(item); edge != end; ++edge) {
            if (--incoming[edge->after] == 0) free.push_back(edge->after);
        }
    }
    if (incoming.empty()) return {};

    std::unordered_map<uint32_t, const Edge*> previous;  // one edge into each that stayed
    for (const Edge& edge : edges_) {
        if (incoming.contains(edge.before) && incoming.contains(edge.after)) {
            previous.try_emplace(edge.after, &edge);
        }
    }
    std::vector<Edge> walk;
    std::unordered_map<uint32_t, size_t> visited;
    uint32_t item = previous.begin()->first;
    while (visited.try_emplace(item, walk.size()).second) {
        walk.push_back(*previous.at(item));
        item = walk.back().before;
    }
    walk.erase(walk.begin(), walk.begin() + static_cast<std::ptrdiff_t>(visited.at(item)));
    std::reverse(walk.begin(), walk.end());
    return walk;
}

}  // namespace netchat::harness

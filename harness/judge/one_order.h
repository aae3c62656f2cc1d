#pragma once

// Is there one order in which everyone can have seen what they saw? Each receiver's sequence gives
// "a right before b"; one total order exists exactly if these relations have no cycle. Pure.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace netchat::harness {

class OneOrder {
  public:
    struct Edge {
        uint32_t before, after;
        uint32_t receiver;  // the first who saw it so
    };

    void add(uint32_t before, uint32_t after, uint32_t receiver);
    // Empty if there is one order; otherwise a cycle, each edge's `after` being the next `before`.
    std::vector<Edge> cycle();

  private:
    void compact();

    std::vector<Edge> edges_;
    size_t compactAt_ = 1 << 16;
};

}  // namespace netchat::harness

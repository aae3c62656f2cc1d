#pragma once

// The one source of chance of a simulated run: everything that happens in it follows from a seed.

#include <cstdint>

#include "harness/plan/rng.h"

namespace netchat::simulate {

class SimRng {
  public:
    explicit SimRng(uint64_t seed) : numbers_(seed) {}

    uint64_t next() { return numbers_.next(); }
    uint64_t below(uint64_t bound) { return numbers_.below(bound); }
    // Both included.
    uint64_t between(uint64_t from, uint64_t to) { return from + below(to - from + 1); }
    bool oneIn(uint64_t n) { return below(n) == 0; }
    template <class C>
    auto& oneOf(C& choices) {
        return choices[below(choices.size())];
    }

  private:
    harness::Rng numbers_;
};

}  // namespace netchat::simulate

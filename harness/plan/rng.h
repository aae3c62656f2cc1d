#pragma once

// The harness's only source of chance: numbers that follow from a seed alone, the same on every
// machine (the standard's distributions are not), so that a run repeats by its --seed.

#include <cstdint>

namespace netchat::harness {

// SplitMix64's finaliser: neighbouring inputs give unrelated outputs.
constexpr uint64_t mix(uint64_t value) {
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

// One number for one place in a run, such as (seed, sender, message).
constexpr uint64_t mix(uint64_t seed, uint64_t a, uint64_t b = 0) {
    return mix(mix(mix(seed) ^ a) ^ b);
}

class Rng {
  public:
    explicit Rng(uint64_t seed) : state_(seed) {}
    uint64_t next() { return mix(state_++); }
    // 0 up to below `bound`, which must not be 0. The bias is below 2^-32 for small bounds.
    uint64_t below(uint64_t bound) { return next() % bound; }

  private:
    uint64_t state_;
};

}  // namespace netchat::harness

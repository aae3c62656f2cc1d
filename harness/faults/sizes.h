#pragma once

// How the sizes of steps are drawn and described, for the rows of the catalogue.

#include <cstdint>
#include <string>

#include "harness/faults/fault.h"

namespace netchat::harness {

// Every number from `least` to `most` is as likely as the others.
inline int64_t between(Rng& rng, int64_t least, int64_t most) {
    return least + static_cast<int64_t>(rng.below(static_cast<uint64_t>(most - least + 1)));
}

inline std::string msText(int64_t ms) {
    return std::to_string(ms) + " ms";
}

inline std::string howLong(const FaultStep& step) {
    return " for " + msText(step.forMs);
}

}  // namespace netchat::harness

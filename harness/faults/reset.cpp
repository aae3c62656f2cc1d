// Somebody in between resets the connection: what was on its way is gone on both sides.

#include "harness/faults/ending.h"

namespace netchat::harness {

std::unique_ptr<Fault> makeReset(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Ending>(order, nowMs, Fault::After::Reset);
}

}  // namespace netchat::harness

// A cable is pulled: both sides stay open, nothing passes any more, and nobody is told.

#include "harness/faults/ending.h"

namespace netchat::harness {

std::unique_ptr<Fault> makeHalfOpen(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Ending>(order, nowMs, Fault::After::Swallow);
}

}  // namespace netchat::harness

// Somebody in between ends the connection in order, at any byte: in the middle of a header too.

#include "harness/faults/ending.h"

namespace netchat::harness {

std::unique_ptr<Fault> makeCut(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Ending>(order, nowMs, Fault::After::Close);
}

}  // namespace netchat::harness

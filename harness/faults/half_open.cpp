// A cable is pulled: both sides stay open, nothing passes any more, and nobody is told.

#include "harness/faults/catalogue.h"
#include "harness/faults/ending.h"

namespace netchat::harness {

constinit const FaultType faults::kHalfOpen = {
    .name = "half-open",
    .summary = "after 1 byte to 1 MiB more, nothing passes, both sides stay open, nobody is told",
    .usual = 3,
    .draw = drawEnding,
    .sizes = endingSizes,
    .begin = beginEnding<Fault::After::Swallow>,
};

}  // namespace netchat::harness

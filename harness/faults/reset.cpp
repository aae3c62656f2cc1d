// Somebody in between resets the connection: what was on its way is gone on both sides.

#include "harness/faults/catalogue.h"
#include "harness/faults/ending.h"

namespace netchat::harness {

constinit const FaultType faults::kReset = {
    .name = "reset",
    .summary = "after 1 byte to 1 MiB more, both sides are reset, and bytes on their way are lost",
    .usual = 10,
    .draw = drawEnding,
    .sizes = endingSizes,
    .begin = beginEnding<Fault::After::Reset>,
};

}  // namespace netchat::harness

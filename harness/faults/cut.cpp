// Somebody in between ends the connection in order, at any byte: in the middle of a header too.

#include "harness/faults/catalogue.h"
#include "harness/faults/ending.h"

namespace netchat::harness {

constinit const FaultType faults::kCut = {
    .name = "cut",
    .summary = "after 1 byte to 1 MiB more, both sides see an orderly end",
    .usual = 10,
    .draw = drawEnding,
    .sizes = endingSizes,
    .begin = beginEnding<Fault::After::Close>,
};

}  // namespace netchat::harness

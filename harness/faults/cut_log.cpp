// The server's connections to its database are reset, in the middle of a statement or between a
// commit and its answer: what became of a batch is not known then.

#include "harness/faults/catalogue.h"
#include "harness/faults/ending.h"

namespace netchat::harness {

constinit const FaultType faults::kCutLog = {
    .name = "cut-log",
    .summary = "after 1 byte to 64 KiB more, the server's connections to its database are reset",
    .usual = 5,
    .target = FaultTarget::DatabaseLinks,
    .draw =
        [](FaultStep& step, Rng& rng) {
            constexpr uint64_t kBitsMax = 16;
            step.bytes = 1 + rng.below(uint64_t{1} << (1 + rng.below(kBitsMax)));
        },
    .sizes = endingSizes,
    .begin = beginEnding<Fault::After::Reset>,
};

}  // namespace netchat::harness

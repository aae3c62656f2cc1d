// A process of bots is killed, and started again with what was recorded of them.

#include "harness/faults/catalogue.h"

namespace netchat::harness {

constinit const FaultType faults::kKillBots = {
    .name = "kill-bots",
    .summary =
        "kill -9 of a process with ten bots, which is started again with what was recorded "
        "of them",
    .usual = 3,
    .target = FaultTarget::Bots,
};

}  // namespace netchat::harness

// The machine of the server that clients are on dies: the server that waits takes over.

#include "harness/faults/catalogue.h"

namespace netchat::harness {

constinit const FaultType faults::kKillNode = {
    .name = "kill-node",
    .summary =
        "kill -9 of the active server; the one that waits takes over, and another one waits from "
        "then on",
    .usual = 3,
    .target = FaultTarget::Node,
};

}  // namespace netchat::harness

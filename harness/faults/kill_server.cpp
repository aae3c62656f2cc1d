// The server is killed, and started again with the same port and data.

#include "harness/faults/catalogue.h"

namespace netchat::harness {

constinit const FaultType faults::kKillServer = {
    .name = "kill-server",
    .summary = "kill -9 of the server, which is started again with the same port and data",
    .usual = 3,
    .target = FaultTarget::Server,
};

}  // namespace netchat::harness

// The machine of the primary database dies, and its standby takes over, as Patroni would have it.

#include "harness/faults/catalogue.h"
#include "harness/faults/database.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

Status killAndPromote(Database& database, const FaultStep& step) {
    database.killPrimary();
    database.pause(step.forMs);
    if (auto status = database.promoteStandby(); !status) return status;
    return database.rebuild();
}

}  // namespace

constinit const FaultType faults::kKillPrimary = {
    .name = "kill-primary",
    .summary =
        "kill -9 of the primary database; 0.1 to 1.5 s later the standby is promoted, and a new "
        "standby is made",
    .usual = 2,
    .target = FaultTarget::Database,
    .draw = [](FaultStep& step, Rng& rng) { step.forMs = between(rng, 100, 1'500); },
    .sizes = howLong,
    .onDatabase = killAndPromote,
};

}  // namespace netchat::harness

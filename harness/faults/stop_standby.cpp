// The standby database is away for a while: the primary answers no commit until it is back.

#include "harness/faults/catalogue.h"
#include "harness/faults/database.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

Status stopForAWhile(Database& database, const FaultStep& step) {
    if (auto status = database.stopStandby(); !status) return status;
    database.pause(step.forMs);
    return database.startStandby();
}

}  // namespace

constinit const FaultType faults::kStopStandby = {
    .name = "stop-standby",
    .summary = "the standby database is stopped for 0.5 to 3 s, and commits wait for it",
    .usual = 2,
    .target = FaultTarget::Database,
    .draw = [](FaultStep& step, Rng& rng) { step.forMs = between(rng, 500, 3'000); },
    .sizes = howLong,
    .onDatabase = stopForAWhile,
};

}  // namespace netchat::harness

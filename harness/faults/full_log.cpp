// The disk of the primary database is full: it refuses what needs space, until there is some.

#include "harness/faults/catalogue.h"
#include "harness/faults/database.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

// Until its tables have used up what they had: a few messages, or none while nobody talks.
constexpr int64_t kUntilFullMs = 2'000;

Status fillForAWhile(Database& database, const FaultStep& step) {
    if (auto status = database.fillDisk(); !status) return status;
    database.waitUntilFull(kUntilFullMs);
    database.pause(step.forMs);
    return database.freeDisk();
}

}  // namespace

constinit const FaultType faults::kFullLog = {
    .name = "full-log",
    .summary =
        "the primary database's disk is full, 0.5 to 2 s longer than until it refuses something; "
        "needs root",
    .usual = 2,
    .target = FaultTarget::Database,
    .needsSmallDisk = true,
    .draw = [](FaultStep& step, Rng& rng) { step.forMs = between(rng, 500, 2'000); },
    .sizes = howLong,
    .onDatabase = fillForAWhile,
};

}  // namespace netchat::harness

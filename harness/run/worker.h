#pragma once

// The side of a process of bots: `netchat harness worker`, started by the harness alone, which
// kills it with -9 in the middle of everything.

#include "harness/plan/workload.h"
#include "harness/run/run_options.h"

namespace netchat::harness {

// Blocks until the parent has it finish, or is gone; the exit code.
int runWorker(const Workload& workload, const RunOptions& options);

}  // namespace netchat::harness

#pragma once

// The faults of `netchat harness`: which the options ask for, and what goes with them.

#include <vector>

#include "cmd/arguments.h"
#include "harness/faults/fault.h"
#include "harness/plan/workload.h"

namespace netchat::cmd {

// The options, with every fault of the catalogue.
OptionGroup faultOptions();

// The schedule of the run; empty without --faults.
std::vector<harness::FaultStep> faultsOf(const Arguments& arguments,
                                         const harness::WorkloadOptions& run);

}  // namespace netchat::cmd

#pragma once

// `netchat harness simulate`: a sub-form of its command, with options of its own.

#include "cmd/arguments.h"

namespace netchat::cmd {

// The options that only `harness simulate` has.
OptionGroup simulateOptions();

int simulate(const Arguments& arguments);

}  // namespace netchat::cmd

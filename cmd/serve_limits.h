#pragma once

// What one client may take of a server, as options of `netchat serve`.

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/serve/limits/limits.h"

namespace netchat::cmd {

OptionGroup limitOptions();
serve::Limits readLimits(const Arguments& arguments);

}  // namespace netchat::cmd

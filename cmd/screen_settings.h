#pragma once

// What connect's full screen is set to: options, and what the configuration says of colours and
// keys.

#include <string>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/connect/screen/settings.h"

namespace netchat::cmd {

// Options whose names are those of settings, so that !set and a configuration call them the same.
OptionGroup screenOptions();
// --config with a file of the user's own, and the families of entries that only a file has.
OptionGroup configurationOptions();

// An error names where the value came from.
connect::Settings readSettings(const Arguments& arguments);

}  // namespace netchat::cmd

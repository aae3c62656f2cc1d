#pragma once

// The help pages, from the commands' tables. Pure functions.

#include <span>
#include <string>

#include "cmd/command.h"

namespace netchat::cmd {

// `netchat X --help`
std::string helpPage(const Command& command);
// `netchat --help`
std::string overview(std::span<const Command* const> commands);

}  // namespace netchat::cmd

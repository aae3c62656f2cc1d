#pragma once

// Where a server keeps what lasts when it is not told where.

#include <string>

namespace netchat::cmd {

// XDG_STATE_HOME/netchat, or HOME/.local/state/netchat where that is not set; a relative path is
// one that is not set, as the XDG specification has it. Empty where neither is there.
std::string stateFolder(const std::string& xdgStateHome, const std::string& home);

// The same by the environment.
std::string stateFolder();

}  // namespace netchat::cmd

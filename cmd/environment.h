#pragma once

// The environment as texts.

#include <string>

namespace netchat::cmd {

// Empty where the variable is not set. Read before the first thread begins.
std::string environment(const char* name);

}  // namespace netchat::cmd

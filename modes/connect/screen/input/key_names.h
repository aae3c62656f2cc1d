#pragma once

// Keys by their names, as the help and a configuration write them: "M-u", "C-s", "F5", "C-PgUp".
// Pure functions, any thread.

#include <string>
#include <string_view>

#include "modes/connect/screen/input/key.h"
#include "protocol/result.h"

namespace netchat::connect {

// Prefixes in the order C-, M-, S-. Empty for what has no name: pastes and looks away.
std::string keyName(const Key& key);

// The same name for any order of the prefixes. An error for what names no key, and for keys that
// type or enter a text, which cannot do anything else.
Result<std::string> canonicalKeyName(std::string_view text);

}  // namespace netchat::connect

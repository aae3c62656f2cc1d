#pragma once

// Whom a user may ignore, in both clients. Pure functions, any thread.

#include <cstddef>
#include <string_view>

#include "protocol/result.h"

namespace netchat::connect {

// More than anybody ignores by hand; a bound for who is followed from nick to nick.
inline constexpr size_t kIgnoredMax = 1000;

// Whether somebody may be ignored beside the `ignored` ones. A nick of a classic user has spaces,
// also where one speaks v2 oneself.
Status checkIgnored(std::string_view nick, size_t ignored);

}  // namespace netchat::connect

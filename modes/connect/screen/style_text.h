#pragma once

// How something looks, in words: "bold orange", "white on blue", "#ff8800", "underline 33". Pure
// functions, any thread.

#include <string_view>

#include "modes/connect/screen/terminal/grid.h"
#include "protocol/result.h"

namespace netchat::connect {

// Attributes (bold, dim, underline, reverse), one colour, and `on` with another, in any order; or
// `plain`. A colour is a name, a number of the palette of 256, or #RRGGBB.
Result<Style> parseStyle(std::string_view text);

}  // namespace netchat::connect

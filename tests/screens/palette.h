#pragma once

// The colours of a terminal with 256 of them: the first 16 as many desktops have them, then xterm's
// cube of 6 by 6 by 6, then its greys. Pure.

#include <cstdint>

namespace netchat::test {

// 0xRRGGBB of 0 to 255.
uint32_t paletteColor(int index);

}  // namespace netchat::test

#pragma once

// A picture of what a terminal shows, for a README: SVG that looks the same wherever it is drawn.
// Words are placed one by one and fitted to their cells, so that any monospaced font will do; rules
// and blocks are shapes, which join as they do in a terminal.

#include <string>

#include "tests/screens/emulator.h"

namespace netchat::test {

std::string svgOf(const Emulator& screen);

}  // namespace netchat::test

#pragma once

// The screen of a state: a pure function of it, its size and its moment. One thread (lines that
// were wrapped are remembered).

#include "modes/connect/screen/state.h"
#include "modes/connect/screen/terminal/grid.h"
#include "modes/connect/screen/theme.h"

namespace netchat::connect {

Grid render(const ScreenState& state, const Theme& theme);

}  // namespace netchat::connect

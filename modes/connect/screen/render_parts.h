#pragma once

// The parts of the screen, each drawn into its area. One thread.

#include "modes/connect/screen/layout.h"
#include "modes/connect/screen/state.h"
#include "modes/connect/screen/terminal/grid.h"
#include "modes/connect/screen/theme.h"

namespace netchat::connect {

struct Canvas {
    Grid& grid;
    const ScreenState& state;
    const Theme& theme;
};

void drawMessages(const Canvas& canvas, const Area& area);
void drawRoster(const Canvas& canvas, const Area& area);
void drawBar(const Canvas& canvas, const Area& area);
void drawWork(const Canvas& canvas, const Area& area);
void drawAnswers(const Canvas& canvas, const Area& area);
void drawCandidates(const Canvas& canvas, const Area& area);
void drawStatus(const Canvas& canvas, const Area& area);
void drawInput(const Canvas& canvas, const Area& area);
// Over all of the area.
void drawHelp(const Canvas& canvas, const Area& area);

}  // namespace netchat::connect

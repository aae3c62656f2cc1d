#include "modes/connect/screen/render.h"

#include <algorithm>

#include "modes/connect/screen/render_parts.h"

namespace netchat::connect {

Grid render(const ScreenState& state, const Theme& theme) {
    Grid grid(std::max(state.width, 0), std::max(state.height, 0));
    if (state.rooms.empty()) return grid;
    const Canvas canvas{grid, state, theme};
    const Areas areas = areasOf(state);
    drawMessages(canvas, areas.messages);
    drawRoster(canvas, areas.roster);
    drawBar(canvas, areas.bar);
    drawAnswers(canvas, areas.answers);
    drawWork(canvas, areas.work);
    drawCandidates(canvas, areas.candidates);
    drawStatus(canvas, areas.status);
    drawInput(canvas, areas.input);
    if (state.helpShown) {
        drawHelp(canvas, {0, areas.status.top, 0, grid.width()});
        grid.cursor.reset();
    }
    return grid;
}

}  // namespace netchat::connect

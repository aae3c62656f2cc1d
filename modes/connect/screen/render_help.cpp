// The help: all commands and keys, on one screen of 80 by 24.

#include <algorithm>
#include <iterator>

#include "modes/connect/command_table.h"
#include "modes/connect/screen/render_parts.h"

namespace netchat::connect {

namespace {

using HelpEntry = CommandInfo::PageRow;

constexpr HelpEntry kKeys[] = {
    {"PgUp PgDn", "scroll"},
    {"M-< M->", "top, end"},
    {"M-u", "first unread"},
    {"M-p M-n", "your mentions"},
    {"C-s", "search the room"},
    {"M-1 M-0 M-j 29", "rooms by number"},
    {"M-Left M-Right", "previous, next"},
    {"C-PgUp C-PgDn", "the same"},
    {"M-a", "next active"},
    {"M-o", "unfold a text"},
    {"M-l", "to select text"},
    {"Tab Shift-Tab", "complete"},
    {"M-Enter", "new line"},
    {"Up Down C-r", "input history"},
    {"C-a C-e M-b M-f", "move"},
    {"C-w M-d C-u C-k", "cut"},
    {"C-y M-y", "paste; older"},
    {"C-t C-_", "swap; undo"},
    {"C-c", "clear the line"},
    {"C-l C-z", "redraw, suspend"},
    {"M-g", "download a file"},
};

constexpr int kKeyRows = std::size(kKeys);
constexpr int kColumns = 78;  // from here on keys stand beside commands
constexpr int kKeysAt = 48;
constexpr int kCommandColumns = 18, kKeyColumns = 16;

void drawEntry(const Canvas& canvas, int x, int y, const HelpEntry& entry, int names) {
    canvas.grid.put(x, y, entry.usage, canvas.theme.key);
    canvas.grid.put(x + names, y, entry.meaning, canvas.theme.text);
}

// Row `i` of all, at the screen's row y; false: there are no more.
bool drawRow(const Canvas& canvas, const Area& area, int i, int y) {
    const auto commands = helpPage();
    const int rows = static_cast<int>(commands.size());
    const int x = area.left + 1;
    if (i == 0) {
        canvas.grid.put(x, y, operatorsLine(), canvas.theme.note);
        return true;
    }
    --i;
    if (area.width() >= kColumns) {
        if (i >= std::max(rows, kKeyRows)) return false;
        if (i < rows) drawEntry(canvas, x, y, commands[static_cast<size_t>(i)], kCommandColumns);
        if (i < kKeyRows) drawEntry(canvas, area.left + kKeysAt, y, kKeys[i], kKeyColumns);
        return true;
    }
    if (i < rows)
        return drawEntry(canvas, x, y, commands[static_cast<size_t>(i)], kCommandColumns), true;
    if (i - rows >= kKeyRows) return false;
    drawEntry(canvas, x, y, kKeys[i - rows], kKeyColumns);
    return true;
}

}  // namespace

int helpRows(int width) {
    const int rows = static_cast<int>(helpPage().size());
    return 1 + (width >= kColumns ? std::max(rows, kKeyRows) : rows + kKeyRows);
}

void drawHelp(const Canvas& canvas, const Area& area) {
    const int all = helpRows(area.width());
    const int top = std::clamp(canvas.state.helpTop, 0, std::max(0, all - area.height));
    for (int row = 0; row < area.height; ++row) {
        const int y = area.top + row;
        canvas.grid.fill(area.left, y, area.right, {});
        // The commands come first, and who has the right finds the others below them.
        const int i = (top + row + 1) % all;
        if (top + row < all) drawRow(canvas, area, i, y);
    }
    if (top + area.height >= all || area.height == 0) return;
    canvas.grid.put(area.right - 11, area.top + area.height - 1, "PgDn: more", canvas.theme.chosen);
}

}  // namespace netchat::connect

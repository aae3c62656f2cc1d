// The help: all commands and keys, on one screen of 80 by 24.

#include <algorithm>
#include <iterator>

#include "modes/connect/screen/render_parts.h"

namespace netchat::connect {

namespace {

struct HelpEntry {
    std::string_view name, meaning;
};

constexpr HelpEntry kCommands[] = {
    {"!help", "this page (F1)"},
    {"!exit", "send what is under way, leave"},
    {"!join ROOM", "enter one; !room N shows one"},
    {"!leave !close", "leave a room, close a talk"},
    {"!rooms !who", "list the rooms; who is there"},
    {"!roster", "show or hide them (F2)"},
    {"!nick NAME", "be called otherwise"},
    {"!msg NICK [TEXT]", "to one only; alone: the talk"},
    {"!me TEXT", "say what you do"},
    {"!upload FILE", "drop a file for everyone here"},
    {"!files !get FILE", "what was dropped; fetch one"},
    {"!transfers", "all that are under way"},
    {"!cancel [NUMBER]", "give one up"},
    {"!preview [FILE]", "show a PNG or JPEG"},
    {"!history", "page back (PgUp)"},
    {"!search WORDS", "go to them; alone: older ones"},
    {"!ignore [NICK]", "hide them; !unignore NICK"},
    {"!quiet [ROOM]", "count mentions only"},
    {"!set NAME VALUE", "set and keep it; !unset"},
    {"!reconnect", "try again at once"},
    {"!!text", "say a text that begins with !"},
};

constexpr HelpEntry kKeys[] = {
    {"PgUp PgDn", "back and forth"},
    {"M-< M->", "top, end"},
    {"M-u", "what is new"},
    {"M-p M-n", "your mentions"},
    {"C-s", "search the room"},
    {"M-1 M-0 M-j 29", "rooms by number"},
    {"M-Left M-Right", "the room beside"},
    {"C-PgUp C-PgDn", "the same"},
    {"M-a", "next with news"},
    {"M-o", "open what is long"},
    {"M-l", "bare, to select"},
    {"Tab Shift-Tab", "complete"},
    {"M-Enter", "a new line"},
    {"Up Down C-r", "what was typed"},
    {"C-a C-e M-b M-f", "move"},
    {"C-w M-d C-u C-k", "cut"},
    {"C-y M-y", "put back; older"},
    {"C-t C-_", "swap; undo"},
    {"C-c", "clear the line"},
    {"C-l C-z", "redraw, suspend"},
    {"M-g", "fetch the file"},
};

constexpr std::string_view kOperators =
    "operators: !kick !ban !unban !mute !unmute !close-room !open-room";

constexpr int kColumns = 78;  // from here on keys stand beside commands
constexpr int kKeysAt = 48;
constexpr int kCommandColumns = 18, kKeyColumns = 16;

void drawEntry(const Canvas& canvas, int x, int y, const HelpEntry& entry, int names) {
    canvas.grid.put(x, y, entry.name, canvas.theme.key);
    canvas.grid.put(x + names, y, entry.meaning, canvas.theme.text);
}

// Row `i` of all, at the screen's row y; false: there are no more.
bool drawRow(const Canvas& canvas, const Area& area, int i, int y) {
    constexpr int kRows = std::size(kCommands), kKeyRows = std::size(kKeys);
    const int x = area.left + 1;
    if (i == 0) {
        canvas.grid.put(x, y, kOperators, canvas.theme.note);
        return true;
    }
    --i;
    if (area.width() >= kColumns) {
        if (i >= std::max(kRows, kKeyRows)) return false;
        if (i < kRows) drawEntry(canvas, x, y, kCommands[i], kCommandColumns);
        if (i < kKeyRows) drawEntry(canvas, area.left + kKeysAt, y, kKeys[i], kKeyColumns);
        return true;
    }
    if (i < kRows) return drawEntry(canvas, x, y, kCommands[i], kCommandColumns), true;
    if (i - kRows >= kKeyRows) return false;
    drawEntry(canvas, x, y, kKeys[i - kRows], kKeyColumns);
    return true;
}

}  // namespace

int helpRows(int width) {
    constexpr int kRows = std::size(kCommands), kKeyRows = std::size(kKeys);
    return 1 + (width >= kColumns ? std::max(kRows, kKeyRows) : kRows + kKeyRows);
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

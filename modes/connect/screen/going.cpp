#include "modes/connect/screen/going.h"

#include <algorithm>

#include "modes/connect/screen/highlights.h"

namespace netchat::connect {

namespace {

bool hasHoleFrom(const RoomView& room, size_t line) {
    for (size_t i = line; i < room.lines.size(); ++i) {
        if (isHole(room.lines.at(i))) return true;
    }
    return false;
}

// Whether the log's first entries are still to come.
bool beginsWithHole(const RoomView& room) {
    for (size_t i = 0; i < room.lines.size(); ++i) {
        if (room.lines.at(i).seq != 0) return isHole(room.lines.at(i));
    }
    return false;
}

}  // namespace

void goToLine(RoomView& room, const Area& messages, size_t line, size_t at, int64_t nowMs) {
    const uint64_t id = room.lines.at(line).id;
    room.stopGoing();
    room.marked = id;  // so that it is not folded
    showInMiddle(room, messages, line, at, nowMs);
    room.marked = id;
    room.markedAt = at;
    // At the end, only what is still to come between moves it.
    room.holdsMarked = room.anchor || hasHoleFrom(room, line);
}

void holdMarked(RoomView& room, const Area& messages, int64_t nowMs) {
    const bool goesOn = room.goesTo != 0 || room.goesToNew || room.seeksMention;
    if (!room.holdsMarked || goesOn) return;
    const size_t line = room.marked == 0 ? room.lines.size() : room.lines.find(room.marked, 0);
    if (line == room.lines.size()) {
        room.holdsMarked = false;
        return;
    }
    goToLine(room, messages, line, room.markedAt, nowMs);
}

void holdTop(RoomView& room, const Area& messages, int64_t nowMs) {
    if (!room.goesToTop) return;
    showAtTop(room, messages, 0, nowMs);
    room.goesToTop = room.anchor || beginsWithHole(room);
}

size_t mentionBefore(const RoomView& room, size_t from) {
    for (size_t i = std::min(from, room.lines.size()); i-- > 0;) {
        const Line& line = room.lines.at(i);
        if (line.mention || isHole(line)) return i;
    }
    return room.lines.size();
}

size_t mentionIn(const ScreenState& state, const Line& line) {
    Highlights highlights;
    highlights.are(state.nick, state.settings.highlight());
    return highlights.placeIn(line.text).value_or(0);
}

size_t soughtIn(const ScreenState& state, const Line& line) {
    const FoldedText folded(line.text.view(), FoldedText::Accents::Strip);
    const auto parts = state.finding.sought.partsOf(folded);
    return parts.empty() ? 0 : parts.front().begin;
}

}  // namespace netchat::connect

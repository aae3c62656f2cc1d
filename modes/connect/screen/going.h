#pragma once

// Going to a line of a room and staying there, also where what is around it, or it itself, is still
// to be fetched. Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "modes/connect/screen/layout.h"

namespace netchat::connect {

// The line is looked at and marked, with this byte of its text in the middle of the screen. It
// stays there while holes around it are filled, until somebody moves.
void goToLine(RoomView& room, const Area& messages, size_t line, size_t at, int64_t nowMs);
// To be called before a frame: what was filled since the last one has moved nothing.
void holdMarked(RoomView& room, const Area& messages, int64_t nowMs);
// The same for the first line of all, which somebody wants to see.
void holdTop(RoomView& room, const Area& messages, int64_t nowMs);

// The nearest line before `from` that mentions us, or the hole in front of which there is none; the
// end: neither is there.
size_t mentionBefore(const RoomView& room, size_t from);
// Where in the text of a line it mentions us, by what counts as that now.
size_t mentionIn(const ScreenState& state, const Line& line);
// Where in the text of a line something is that is looked for.
size_t soughtIn(const ScreenState& state, const Line& line);

}  // namespace netchat::connect

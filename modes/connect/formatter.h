#pragma once

// An event as one line for people:
//
//     14:36:00 <alice> hello
//     14:36:02 * bob joined
//     14:36:04 [games] <carol> my move        in another room than the current one
//     14:36:05 alice -> you: a private word
//     14:36:09 * alice dropped photo.jpg (1.2 MiB)
//
// What people say stands in angle brackets or after an arrow; lines with a star are ours. All
// remote text is neutralised here. Times are local (the TZ of the process). Pure otherwise.

#include <cstdint>
#include <span>
#include <string>

#include "modes/client/event.h"
#include "modes/connect/file_list.h"

namespace netchat::connect {

// What the reader of a line knows already.
struct FormatContext {
    std::string_view room;  // the current one
    uint64_t user = 0;      // one's own number; 0 in the classic dialect
    bool commands = true;   // the input may hold commands: they are named where one would help
    int64_t nowMs = 0;      // Unix time: for events that bring none
};

// Without a newline; empty for an event that is not for this place: progress, and what status
// lines say (connected, refused, disconnected, failed).
std::string lineOf(const client::Event& event, const FormatContext& formatContext);

// The same without the time and the room: "* bob joined", "<alice> hello".
std::string sentenceOf(const client::Event& event, const FormatContext& formatContext);

// "dropped photo.jpg (1.2 MiB)", and how to get it where it does not come by itself.
std::string droppedText(const client::event::File& file, bool commands = true);

// "  3  photo.jpg  1.2 MiB  alice  not fetched", aligned, one for each file.
std::vector<std::string> fileLines(std::span<const KnownFile> files);

// "14:36:00", or "2026-11-23 14:36:00" when it is another day than `nowMs`.
std::string localTime(int64_t unixMs, int64_t nowMs);

}  // namespace netchat::connect

#pragma once

// What a run leaves for the next one of the same user: the rooms, the private talks with their last
// lines, who is ignored, and what was typed. A text of JSON lines, one for each:
//
//     {"room":"lobby","current":true,"new":42,"unread":2,"mentions":1,"typed":["hello"]}
//     {"talk":"bob","new":1,"unread":1,"mentions":1,
//      "lines":[{"time":1795444560000,"from":"bob","text":"psst"}],"typed":[]}
//     {"ignored":"eve"}
//
// "new" is the first entry that nobody has looked at: a room's by its number in the log, a talk's
// counted from the end of its lines. A talk in which nothing was said is not remembered.
//
// Bounded. What of it cannot be understood is as if it had not been there. Pure; one thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/room.h"

namespace netchat::connect {

struct ScreenState;

struct Remembered {
    static constexpr size_t kTalkLinesMax = 100, kTalkBytesMax = 16 * 1024;
    static constexpr size_t kTypedMax = 100, kTypedBytesMax = 8 * 1024;
    static constexpr size_t kPlacesMax = 200;
    static constexpr size_t kFileBytesMax = 8 * limits::kMiB;

    struct Said {
        int64_t time = 0;
        bool own = false;
        std::string from, text;
    };
    struct Typed {
        std::string text;
        bool pasted = false;
    };
    struct Place {
        RoomView::Kind kind = RoomView::Kind::Public;
        std::string name;
        bool current = false;
        uint64_t newFrom = 0;  // 0: nothing is new
        unsigned unread = 0, mentions = 0;
        std::vector<Said> lines;   // of a private talk, the oldest first
        std::vector<Typed> typed;  // the oldest first
    };
    std::vector<Place> places;  // in the order of the bar
    std::vector<std::string> ignored;

    // The public room that was looked at, or else the first; empty: there was none.
    std::string firstRoom() const;
};

Remembered parseRemembered(std::string_view text);
std::string rememberedText(const ScreenState& state);

}  // namespace netchat::connect

#pragma once

// Looking for words in a room: C-s, and !search. What is here is looked through first; where the
// room's log goes on elsewhere, the server is asked, and what it finds is fetched with its context.
//
//     typing --Enter--> shown --C-s--> older --a hole--> waiting --found--> fetched, shown
//
// Pure data; one thread.

#include <cstdint>
#include <optional>
#include <string>

#include "modes/connect/screen/room.h"
#include "modes/connect/screen/text/folded_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

struct Finding {
    enum class State {
        Off,
        InputHandler,  // keys are added to the words
        Shown,         // what fits is marked in the room
    };
    static constexpr size_t kWordsBytesMax = 256;  // as the server takes

    State state = State::Off;
    RoomView::Kind kind = RoomView::Kind::Public;
    std::string room;
    std::string words, lastWords;
    SoughtWords sought;
    uint64_t line = 0, seq = 0;  // of what was found last; 0, 0: nothing yet
    bool failed = false;         // nothing more fits
    // ---- the server's part
    bool waiting = false;
    uint64_t before = 0;          // what it was asked
    uint64_t hit = 0, first = 0;  // of its answer
    bool more = false;
    // ---- where somebody was before
    std::optional<RoomView::Anchor> from;

    // What is said where nothing more fits.
    std::string nothingText() const {
        const bool any = line != 0 || seq != 0;
        return (any ? "nothing older has '" : "nothing here has '") + forLog(words, 60) + "'";
    }
    bool isIn(const RoomView& other) const {
        return state != State::Off && other.kind == kind && other.name == room;
    }
};

}  // namespace netchat::connect

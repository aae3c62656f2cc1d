#include "modes/client/session.h"

#include "protocol/message.h"

namespace netchat::client {

void Session::who(std::string_view room) {
    question(v2::Who::kVerb, room, {}, v2::encoded(v2::Who{.room = room}));
}

void Session::rooms() {
    question(v2::Rooms::kVerb, {}, {}, v2::encoded(v2::Rooms{}));
}

void Session::history(std::string_view room, uint64_t before, uint64_t limit) {
    question(v2::History::kVerb, room, {},
             v2::encoded(v2::History{.room = room, .before = before, .limit = limit}));
}

void Session::search(std::string_view room, std::string_view words, uint64_t before,
                     uint64_t limit) {
    question(
        v2::Search::kVerb, room, words,
        v2::encoded(v2::Search{.room = room, .before = before, .limit = limit, .words = words}));
}

void Session::op(std::string_view act, std::string_view target, uint64_t seconds,
                 std::string_view reason) {
    question(
        v2::Op::kVerb, {}, {},
        v2::encoded(v2::Op{.act = act, .target = target, .seconds = seconds, .reason = reason}));
}

}  // namespace netchat::client

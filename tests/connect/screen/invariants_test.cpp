// What always holds in what the screen keeps of rooms, broken one thing at a time: each fault is
// found and named.

#include <gtest/gtest.h>

#include <string>

#include "modes/connect/screen/rooms.h"
#include "modes/connect/screen/scrollback.h"
#include "tests/support/planted_fault.h"

namespace netchat::connect {

// The friend of both.
struct InvariantsTest {
    static auto& lines(Scrollback& scrollback) { return scrollback.lines_; }
    static auto& pending(Scrollback& scrollback) { return scrollback.pending_; }
    static auto& newest(Scrollback& scrollback) { return scrollback.newest_; }
    static auto& lastId(Scrollback& scrollback) { return scrollback.lastId_; }
    static auto& bytes(Scrollback& scrollback) { return scrollback.bytes_; }
    static auto& current(Rooms& rooms) { return rooms.current_; }
    static auto& all(Rooms& rooms) { return rooms.rooms_; }
};

namespace {

using Plant = InvariantsTest;
using test::expectFound;

// [hole 1-4] 5 6 note | pending
struct ScrollbackWorld {
    ScrollbackWorld() {
        lines.reach(4);
        for (uint64_t seq = 5; seq <= 6; ++seq) {
            Line entry;
            entry.kind = Line::Kind::Message;
            entry.seq = seq;
            lines.add(entry);
        }
        lines.append({});
        lines.addPending({});
    }
    std::string check() const { return lines.checkInvariants(); }
    Line& line(size_t i) { return Plant::lines(lines)[i]; }
    Line& pending() { return Plant::pending(lines).front(); }

    Scrollback lines;
};

// The lobby and a room, in which two people are, and a talk.
struct RoomsWorld {
    RoomsWorld() {
        lobby = &rooms.open(RoomView::Kind::Public, "lobby");
        hall = &rooms.open(RoomView::Kind::Public, "hall");
        rooms.open(RoomView::Kind::Private, "bob");
        for (const char* nick : {"bob", "alice"}) {
            Person person;
            person.nick = nick;
            hall->enter(person);
        }
    }
    std::string check() const { return rooms.checkInvariants(); }

    Rooms rooms;
    RoomView *lobby = nullptr, *hall = nullptr;
};

TEST(ScrollbackInvariants, EachFaultIsFound) {
    using World = ScrollbackWorld;
    expectFound<World>({
        {"a pending line is among those that are not",
         [](World& w) { w.line(3).state = Line::State::Pending; }},
        {"a hole is not of the log", [](World& w) { w.line(0).seq = 0; }},
        {"the number 5 is there twice", [](World& w) { w.line(0).last = 5; }},
        {"the number 5 is there twice", [](World& w) { std::swap(w.line(1), w.line(2)); }},
        {"a hole ends before it begins", [](World& w) { w.line(0).last = 0; }},
        {"a line is beyond the newest one", [](World& w) { Plant::newest(w.lines) = 5; }},
        {"a line that is not pending is among those",
         [](World& w) { w.pending().state = Line::State::Known; }},
        {"a pending line is of the log", [](World& w) { w.pending().seq = 7; }},
        {"a line has an id that was not given", [](World& w) { w.line(1).id = 0; }},
        {"a line has an id that was not given", [](World& w) { Plant::lastId(w.lines) = 4; }},
        {"two lines have the id 2", [](World& w) { w.line(2).id = w.line(1).id; }},
        {"the bytes of lines are miscounted", [](World& w) { --Plant::bytes(w.lines); }},
        {"the bytes of lines are miscounted",
         [](World& w) { w.line(3).text = SafeText(std::string(100, 'x')); }},
    });
}

TEST(RoomsInvariants, EachFaultIsFound) {
    using World = RoomsWorld;
    expectFound<World>({
        {"what is looked at is no room", [](World& w) { Plant::current(w.rooms) = 3; }},
        {"lobby is there twice", [](World& w) { w.hall->name = "lobby"; }},
        {"there are too many talks",
         [](World& w) {
             for (size_t i = 0; i < Rooms::kPrivateMax; ++i) {
                 Plant::all(w.rooms).push_back(
                     std::make_unique<RoomView>(RoomView::Kind::Private, "n" + std::to_string(i)));
             }
         }},
        {"hall: who is here is not in the order of nicks",
         [](World& w) { std::swap(w.hall->people[0], w.hall->people[1]); }},
        {"hall: who is here is not in the order of nicks",
         [](World& w) { w.hall->people[1].nick = "alice"; }},
        {"hall: a talker is remembered twice",
         [](World& w) {
             w.hall->talkers = {"bob", "alice", "bob"};
         }},
        {"hall: too many talkers are remembered",
         [](World& w) { w.hall->talkers.resize(RoomView::kTalkersMax + 1); }},
        {"hall: too many are listed",
         [](World& w) {
             w.hall->people.clear();
             for (size_t i = 0; i <= RoomView::kPeopleMax; ++i) {
                 w.hall->people.emplace_back().nick = std::to_string(100'000 + i);
             }
         }},
        {"hall: too many folded lines are remembered",
         [](World& w) {
             for (uint64_t id = 0; id <= RoomView::kTurnedMax; ++id) w.hall->turned.insert(id);
         }},
        {"hall: too many answers are shown",
         [](World& w) { w.hall->answers.resize(RoomView::kAnswersMax + 1); }},
        {"hall: the bytes of lines are miscounted",
         [](World& w) { ++Plant::bytes(w.hall->lines); }},
    });
}

}  // namespace
}  // namespace netchat::connect

// What always holds in a client's side of v2, broken one thing at a time: each fault is found and
// named.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "modes/client/v2_session.h"
#include "protocol/message.h"
#include "tests/client/recorder.h"
#include "tests/support/planted_fault.h"

namespace netchat::client {

// The friend of the session and of its queue.
struct InvariantsTest {
    using Room = V2Session::Room;

    static Room& room(V2Session& session) { return session.rooms_.front(); }
    static auto& rooms(V2Session& session) { return session.rooms_; }
    static auto& remembered(V2Session& session) { return session.remembered_; }
    static auto& left(V2Session& session) { return session.left_; }
    static std::string& output(V2Session& session) { return session.out_.tail(); }
    static auto& byeWanted(V2Session& session) { return session.byeWanted_; }
    static auto& queue(V2Session& session) { return session.unacked_; }
    static auto& list(UnackedQueue& queue) { return queue.list_; }
    static auto& held(UnackedQueue& queue) { return queue.held_; }
};

namespace {

using Plant = InvariantsTest;
using Room = Plant::Room;
using fixtures::Recorder;
using test::expectFound;

// In the lobby, read up to entry 5 of a log; one thing was said and has no answer.
struct World {
    World() {
        session.join("lobby", {});
        session.connectionMade();
        v2::Welcome welcome;
        welcome.session = "secret";
        welcome.user = 7;
        welcome.nick = "alice";
        session.receive(v2::encoded(welcome), 1);
        session.receive(
            v2::encoded(v2::Joined{
                .room = "lobby", .seq = 5, .members = 1, .log = "5f1c09aa31d4be72", .roster = {}}),
            1);
        session.say("1", "lobby", "hi");
    }
    std::string check() const { return session.checkInvariants(); }
    Said& said() { return Plant::list(Plant::queue(session)).front(); }

    Recorder recorder;
    V2Session session{"alice", recorder};
};

struct LostWorld : World {
    LostWorld() { session.connectionEnded("cut"); }
};

TEST(V2Invariants, EachFaultOfAConnectionIsFound) {
    expectFound<World>({
        {"lobby has its answer, and waits for it",
         [](World& w) { Plant::room(w.session).asked = true; }},
        {"lobby was joined, and begins nowhere",
         [](World& w) { Plant::room(w.session).last.reset(); }},
        {"lobby was read up to no entry",
         [](World& w) {
             Plant::room(w.session).state = Room::State::Joining;
             Plant::room(w.session).last.reset();
         }},
        {"lobby begins at an entry that was not chosen",
         [](World& w) {
             Room& room = Plant::room(w.session);
             room.state = Room::State::Joining;
             room.last.reset();
             room.read.clear();
             room.chosen = true;
         }},
        {"lobby was read further under an earlier log",
         [](World& w) {
             auto& read = Plant::room(w.session).read;
             read.insert(read.begin(),
                         {LogPlace{"9e07b3c5d82f4410", 6}, LogPlace{"11aa22bb33cc44dd", 3}});
         }},
        {"lobby is there twice",
         [](World& w) { Plant::rooms(w.session).push_back(Plant::room(w.session)); }},
        {"den is there twice",
         [](World& w) {
             Plant::remembered(w.session) = {{"den", 1}, {"den", 2}};
         }},
        {"den is there twice",
         [](World& w) {
             Plant::left(w.session) = {{"den", 1}, {"den", 2}};
         }},
        {"more answers to 1 are in doubt than due", [](World& w) { w.said().answersInDoubt = 2; }},
        {"1 was sent, and no answer is due", [](World& w) { w.said().answersDue = 0; }},
        {"1 was not sent, and an answer is due",
         [](World& w) { w.said().state = Said::State::Held; }},
        {"what is not sent is miscounted", [](World& w) { w.said().state = Said::State::Unsure; }},
        {"what is not sent is miscounted",
         [](World& w) { ++Plant::held(Plant::queue(w.session)); }},
    });
}

TEST(V2Invariants, EachFaultBetweenConnectionsIsFound) {
    expectFound<LostWorld>({
        {"something is to be sent to nobody", [](World& w) { Plant::output(w.session) += "x"; }},
        {"a bye is to be said to nobody", [](World& w) { Plant::byeWanted(w.session) = true; }},
        {"lobby is joined without a connection",
         [](World& w) { Plant::room(w.session).state = Room::State::Joined; }},
        {"lobby is joined without a connection",
         [](World& w) { Plant::room(w.session).state = Room::State::Returning; }},
        {"lobby was joined again without a connection",
         [](World& w) { Plant::room(w.session).rejoined = true; }},
        {"something was said to nobody",
         [](World& w) {
             w.said().state = Said::State::Sent;
             w.said().answersDue = 1;
         }},
    });
}

}  // namespace
}  // namespace netchat::client

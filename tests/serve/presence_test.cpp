// Who comes and goes, as members are told it: whoever is listed in `joined` was announced before,
// and is not announced again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

// By room: the users that this peer knows of, and those it is told of needlessly.
struct Known {
    std::map<std::string, std::set<std::string>> users;
    std::vector<std::string> again;
    std::string self;

    void see(const Frame& frame) {
        auto& here = users[frame["room"]];
        if (frame.verb == "welcome") self = frame["user"];
        if (frame.verb == "joined" || frame.verb == "roster") {
            here.clear();
            for (const auto& line : linesOf(frame.body)) here.insert(line.at("user"));
        }
        if (frame.verb != "presence") return;
        const std::string user = frame["user"];
        if (frame["state"] == "left") here.erase(user);
        if (frame["state"] == "joined" && !here.insert(user).second) again.push_back(brief(frame));
    }
};

// Greeting, joins and what is said in one packet each, all of them at once.
void comeAtOnce(Bench& bench, size_t people, size_t shards) {
    for (size_t i = 0; i < people; ++i) {
        Peer& peer = bench.connect(i % shards);
        std::string packet = v2("netchat/2 nick:user" + std::to_string(i));
        for (const char* room : {"lobby", "a", "b"}) {
            packet += v2("join room:" + std::string(room) + " since:0");
            packet += v2("say room:" + std::string(room) + " id:" + room, "hello");
        }
        peer.send(packet);
        bench.submit(i % shards);
    }
    bench.settle();
}

void expectNobodyTwice(Bench& bench) {
    for (const auto& peer : bench.peers) {
        Known known;
        for (const Frame& frame : peer->frames()) known.see(frame);
        EXPECT_THAT(known.again, ::testing::IsEmpty()) << "user " << known.self;
        for (const auto& [room, users] : known.users) {
            if (room.empty()) continue;
            EXPECT_EQ(users.size(), bench.peers.size()) << room;
        }
    }
}

TEST(Presence, WhoIsListedIsNotAnnouncedAgainAfterABurst) {
    Bench bench;
    comeAtOnce(bench, 40, 1);
    expectNobodyTwice(bench);
}

TEST(Presence, WhoIsListedIsNotAnnouncedAgainOnSeveralLoops) {
    Bench bench({3});
    comeAtOnce(bench, 40, 3);
    expectNobodyTwice(bench);
}

TEST(Presence, WhoReadsSlowlyIsTheReasonThatTheTailIsKeptAndNobodyIsAnnouncedTwice) {
    Bench bench;
    Peer& slow = bench.v2User("slow");
    slow.stall();
    for (int i = 0; i < 5; ++i) bench.v2User("user" + std::to_string(i));
    Peer& late = bench.connect();
    late.send(v2("netchat/2 nick:late") + v2("join room:lobby since:0"));
    bench.settle();
    Known known;
    for (const Frame& frame : late.frames()) known.see(frame);
    EXPECT_THAT(known.again, ::testing::IsEmpty());
    slow.open();
    bench.settle();
}

// It leaves and enters again while it is still owed what was said before: what happened to the room
// meanwhile must not be missed.
TEST(Presence, WhoEnteredAgainWhileCatchingUpKnowsWhoIsThere) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (int i = 0; i < 30; ++i) {
        alice.send(v2("say room:lobby id:" + std::to_string(i), std::string(60'000, 'x')));
        bench.settle();
    }
    Peer& bob = bench.v2User("bob", {});
    bob.stall();
    bob.send(v2("join room:lobby since:0") + v2("leave room:lobby") + v2("join room:lobby"));
    bench.settle();
    Peer& carol = bench.v2User("carol");
    bob.open();
    bench.settle();
    std::set<std::string> known;
    for (const Frame& frame : bob.frames()) {
        if (frame.verb == "joined" || frame.verb == "roster") {
            known.clear();
            for (const auto& line : linesOf(frame.body)) known.insert(line.at("nick"));
        }
        if (frame.verb == "presence" && frame["state"] == "joined") known.insert(frame["nick"]);
    }
    EXPECT_THAT(known, ::testing::UnorderedElementsAre("alice", "bob", "carol"));
    (void)carol;
}

}  // namespace
}  // namespace netchat::serve::testing

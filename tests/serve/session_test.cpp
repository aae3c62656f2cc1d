// Sessions on the bench: slow ones, cut ones, ending ones.

#include "modes/serve/session/session.h"

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Says `count` texts of 100 KiB, a turn each.
void sayMuch(Bench& bench, Peer& peer, const std::string& room, int count) {
    static int id = 1000;
    for (int i = 0; i < count; ++i) {
        say(peer, room, std::to_string(++id), std::string(100 * limits::kKiB, 'x'));
        bench.settle();
        peer.take();
    }
}

TEST(Session, WhateverIsTakenAtOnceEverythingArrivesInOrder) {
    for (const size_t most : {1ul, 2ul, 7ul, 100ul}) {
        Bench bench;
        Peer& alice = bench.v2User("alice", {"a", "b"});
        Peer& bob = bench.v2User("bob", {"a", "b"});
        Peer& old = bench.classicUser("old");
        bob.stall(), old.stall();
        say(alice, "a", "1", "one");
        say(alice, "b", "2", "two");
        alice.send(v2("join room:lobby") + v2("say room:lobby id:3", "three"));
        bob.send(v2("ping token:x"));
        bench.settle();
        for (int i = 0; i < 2000; ++i) {
            bob.open(most), old.open(most);
            bench.settle();
        }
        EXPECT_THAT(bob.briefs(),
                    ElementsAre("pong token:x", "msg room:a seq:1 from:alice id:1 'one'",
                                "msg room:b seq:1 from:alice id:2 'two'"));
        EXPECT_THAT(old.lines(), ElementsAre("alice: three"));
    }
}

TEST(Session, AnAnswerWaitsForTheItemThatWasCutOnly) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    bob.open(10);
    say(alice, "lobby", "1", "one");
    bench.settle();
    say(alice, "lobby", "2", "two");
    bob.send(v2("ping token:x"));
    bench.settle();
    bob.open();
    bench.settle();
    EXPECT_THAT(bob.briefs(),
                ElementsAre("msg room:lobby seq:1 from:alice id:1 'one'", "pong token:x",
                            "msg room:lobby seq:2 from:alice id:2 'two'"));
}

TEST(Session, LeavingARoomDoesNotCutIntoAnothersFrame) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"a", "b"});
    Peer& bob = bench.v2User("bob", {"a", "b"});
    for (const char* cut : {"a", "b"}) {
        for (const char* left : {"a", "b"}) {
            alice.take(), bob.take();
            bob.open(10);
            say(alice, cut, std::string("x") + cut + left, "text");
            bench.settle();
            bob.send(v2(std::string("leave room:") + left));
            bench.settle();
            bob.open();
            bench.settle();
            const auto frames = bob.frames();
            ASSERT_EQ(frames.size(), 2u);
            EXPECT_EQ(frames[0]["room"], cut);
            EXPECT_EQ(frames[0].verb, "msg");
            EXPECT_EQ(frames[1].verb, "left");
            bob.send(v2(std::string("join room:") + left));
            bench.settle();
        }
    }
}

TEST(Session, WhatWasSaidBeforeALeaveStillArrives) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    bob.stall();
    for (int i = 0; i < 100; ++i) say(alice, "lobby", std::to_string(i), "text");
    bench.settle();
    bob.send(v2("leave room:lobby"));
    bench.settle();
    say(alice, "lobby", "after", "text");
    bob.open();
    bench.settle();
    const auto frames = bob.frames();
    ASSERT_EQ(frames.size(), 101u);
    EXPECT_EQ(frames[99].number("seq"), 100u);
    EXPECT_EQ(brief(frames[100]), "left room:lobby seq:100");
}

TEST(Session, MoreRunsThanOneCallTakesAreKeptAtALeave) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    bob.stall();
    // In one turn, so that the tail is not bounded meanwhile; each has a run of its own.
    for (int i = 0; i < 70; ++i) {
        say(alice, "lobby", std::to_string(i), std::string(130 * limits::kKiB, 'x'));
        bench.submit(0);
    }
    bob.send(v2("leave room:lobby"));
    bench.submit(0);
    bench.runHub();
    bench.apply(0);
    bob.open();
    bench.settle();
    const auto frames = bob.frames();
    // Whoever is given more than it may have waiting is closed, but never silently.
    uint64_t seq = 0;
    for (const Frame& frame : frames) {
        if (frame.verb == "msg") {
            EXPECT_EQ(frame.number("seq"), ++seq);
        }
    }
    EXPECT_TRUE(seq == 70 || frames.back().verb == "error") << seq;
}

TEST(Session, ASlowSessionCatchesUpFromTheLogWithoutGapOrDouble) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    Peer& old = bench.classicUser("old");
    bob.open(5000), old.open(5000);
    sayMuch(bench, alice, "lobby", 50);
    EXPECT_TRUE(bench.report.says("(bob): slow reader, catching up in lobby"));
    EXPECT_TRUE(bench.report.says("(old): slow reader, catching up in lobby"));
    bob.open(), old.open();
    bench.settle();
    uint64_t seq = 0;
    const auto frames = bob.frames();
    for (const Frame& frame : frames) {
        if (frame.verb == "msg") {
            EXPECT_EQ(frame.number("seq"), ++seq);
        }
    }
    EXPECT_EQ(seq, 50u);
    EXPECT_EQ(brief(frames.back()), "roster room:lobby members:3") << "it missed who came and went";
    EXPECT_EQ(old.items().size(), 50u);
    say(alice, "lobby", "live", "again");
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:51 from:alice id:live 'again'"));
    EXPECT_THAT(old.lines(), ElementsAre("alice: again"));
}

TEST(Session, ASlowSessionHoldsOnePageAtATime) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    bob.stall();
    sayMuch(bench, alice, "lobby", 50);
    // Each grant is answered by no more than a page: the hub is asked for the next one only then.
    size_t pages = 0;
    bench.onEffects = [&](size_t, const EffectBatch& batch) {
        for (const Effect& effect : batch) {
            if (const auto* page = std::get_if<CaughtUp>(&effect)) {
                ++pages;
                EXPECT_LE(page->page.bytes.size(), limits::kCatchUpBytes + 101 * limits::kKiB);
            }
        }
    };
    for (size_t i = 0; i < 20; ++i) {
        bob.open(100 * limits::kKiB);
        bench.settle();
        EXPECT_LE(pages, i / 2 + 2);
    }
}

TEST(Session, WhoWasSlowInOneRoomIsLiveInTheOthers) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"a", "b"});
    Peer& bob = bench.v2User("bob", {"a", "b"});
    bob.stall();
    sayMuch(bench, alice, "a", 20);
    say(alice, "b", "1", "short");
    bench.settle();
    bob.open();
    bench.settle();
    size_t a = 0, b = 0;
    for (const Frame& frame : bob.frames()) {
        a += frame.verb == "msg" && frame["room"] == "a";
        b += frame.verb == "msg" && frame["room"] == "b";
    }
    EXPECT_EQ(a, 20u);
    EXPECT_EQ(b, 1u);
}

TEST(Session, WhatTheLogHasForgottenIsAGap) {
    Bench bench({1, {500'000, 1'000'000}});
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    Peer& old = bench.classicUser("old");
    bob.stall(), old.stall();
    sayMuch(bench, alice, "lobby", 40);
    const auto kept = bench.log.range("lobby");
    ASSERT_GT(kept.first, 1u);
    bob.open(), old.open();
    bench.settle();
    uint64_t next = 1, gaps = 0;
    for (const Frame& frame : bob.frames()) {
        if (frame.verb == "gap") {
            EXPECT_EQ(frame.number("from"), next);
            next = frame.number("to") + 1;
            ++gaps;
        } else if (frame.verb == "msg") {
            EXPECT_EQ(frame.number("seq"), next++);
        }
    }
    EXPECT_EQ(next, 41u);
    EXPECT_EQ(gaps, 1u);
    const auto items = old.items();
    size_t told = 0;
    for (const auto& item : items)
        told += item.text.find("are no longer available") != std::string::npos;
    EXPECT_EQ(told, 1u);
}

// A client goes on after a gap: what it is still owed of that would look like a double.
TEST(Session, WhatIsStillOwedFromMemoryIsNoGapInAPage) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    for (int i = 1; i <= 2; ++i) say(alice, "lobby", std::to_string(i), "early");
    bench.settle();
    EXPECT_EQ(bob.frames().size(), 2u);
    bob.stall();
    for (int i = 3; i <= 4; ++i) say(alice, "lobby", std::to_string(i), "late");
    bench.settle();
    for (const uint64_t seq : {2, 3, 4}) bench.log.damaged.insert({"lobby", seq});
    bob.send(v2("history room:lobby"));
    bench.settle();
    bob.open();
    bench.settle();
    std::vector<uint64_t> seqs;
    uint64_t gapLast = 0;
    for (const Frame& frame : bob.frames()) {
        if (frame.verb == "gap") gapLast = std::max(gapLast, frame.number("to"));
        if (frame.verb == "msg") seqs.push_back(frame.number("seq"));
    }
    EXPECT_EQ(gapLast, 2u);
    EXPECT_THAT(seqs, ElementsAre(3, 4));
}

TEST(Session, JoiningSinceWhatIsForgottenIsAGap) {
    Bench bench({1, {300'000, 1'000'000}});
    Peer& alice = bench.v2User("alice");
    sayMuch(bench, alice, "lobby", 10);
    const auto kept = bench.log.range("lobby");
    Peer& bob = bench.v2User("bob", {});
    bob.send(v2("join room:lobby since:2"));
    bench.settle();
    const auto frames = bob.frames();
    ASSERT_GE(frames.size(), 2u);
    EXPECT_EQ(frames[1].verb, "gap");
    EXPECT_EQ(frames[1].number("from"), 3u);
    EXPECT_EQ(frames[1].number("to"), kept.first - 1);
    EXPECT_EQ(frames[2].number("seq"), kept.first);
    EXPECT_EQ(frames.back().number("seq"), 10u);
}

TEST(Session, APageForAFormerSubscriptionIsNotTaken) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (int i = 1; i <= 40; ++i) {
        say(alice, "lobby", std::to_string(i), std::string(30 * limits::kKiB, 'x'));
    }
    bench.settle();
    Peer& bob = bench.v2User("bob", {});
    bob.send(v2("join room:lobby since:20"));
    bob.stall();
    bench.submit(0), bench.runHub(), bench.apply(0);
    // It leaves and comes back elsewhere, while the first subscription asks for its page.
    bob.send(v2("leave room:lobby") + v2("join room:lobby since:5"));
    bench.submit(0);
    bob.open();
    bench.flush(0);
    bench.settle();
    std::vector<uint64_t> seqs;
    bool rejoined = false;
    for (const Frame& frame : bob.frames()) {
        if (frame.verb == "left") rejoined = true;
        if (frame.verb == "msg" && rejoined) seqs.push_back(frame.number("seq"));
    }
    ASSERT_EQ(seqs.size(), 35u);
    EXPECT_EQ(seqs.front(), 6u);
    EXPECT_EQ(seqs.back(), 40u);
}

TEST(Session, WhoComesWhileASessionCatchesUpIsToldByTheRoster) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (int i = 1; i <= 10; ++i) say(alice, "lobby", std::to_string(i), "text");
    bench.settle();
    Peer& bob = bench.v2User("bob", {});
    bob.stall();
    bob.send(v2("join room:lobby since:0"));
    bench.settle();
    bench.classicUser("old");
    bob.take();
    bob.open();
    bench.settle();
    bool knows = false;
    for (const Frame& frame : bob.frames()) {
        knows = knows || frame["nick"] == "old" ||
                (frame.verb == "roster" && frame.body.find("nick:old") != std::string::npos);
    }
    EXPECT_TRUE(knows);
}

TEST(Session, WhoAsksForMoreThanItReadsIsEnded) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"lobby", "a", "b"});
    for (int i = 0; i < 10; ++i) {
        say(alice, "lobby", std::to_string(i), std::string(100 * limits::kKiB, 'x'));
    }
    bench.settle();
    alice.take();
    alice.stall();
    say(alice, "a", "last", "word");
    for (int i = 0; i < 60; ++i) alice.send(v2("history room:lobby"));
    // In the same turn: it ends while it leaves.
    alice.send(v2("leave room:lobby") + v2("leave room:a"));
    bench.settle();
    EXPECT_TRUE(bench.report.says("you send requests without reading the replies"));
    alice.open();
    bench.settle();
    const auto frames = alice.frames();
    EXPECT_EQ(brief(frames.back()), "error code:too-many");
    EXPECT_TRUE(alice.transport.writeEnded);
}

TEST(Session, WhoAsksForMoreThanItReadsIsEndedAlsoWhileItParts) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"lobby", "a", "b"});
    for (int i = 0; i < 10; ++i) {
        say(alice, "lobby", std::to_string(i), std::string(100 * limits::kKiB, 'x'));
    }
    bench.settle();
    alice.take();
    alice.stall();
    for (int i = 0; i < 60; ++i) alice.send(v2("history room:lobby"));
    alice.send(v2("bye"));
    bench.settle();
    alice.open();
    bench.settle();
    EXPECT_EQ(alice.frames().back().verb, "error");
    EXPECT_TRUE(alice.transport.writeEnded);
}

// ---- ending

TEST(Session, WhoEndsItsSideGetsWhatItAskedBefore) {
    Bench bench;
    Peer& bob = bench.v2User("bob");
    Peer& alice = bench.connect();
    alice.send(v2("netchat/2 nick:alice") + v2("join room:lobby") +
               v2("say room:lobby id:1", "last word") + v2("who"));
    alice.end();
    bench.settle();
    const auto frames = alice.frames();
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(frames[0].verb, "welcome");
    EXPECT_TRUE(alice.transport.writeEnded);
    EXPECT_TRUE(alice.gone());
    EXPECT_THAT(bob.briefs(), ElementsAre("presence room:lobby state:joined nick:alice",
                                          "msg room:lobby seq:1 from:alice id:1 'last word'",
                                          "presence room:lobby state:left nick:alice"));
}

TEST(Session, ByeIsAnsweredAfterAllThatWasAskedAndNothingFollows) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    alice.take();
    alice.stall();
    say(alice, "lobby", "1", "one");
    alice.send(v2("bye") + v2("say room:lobby id:2", "too late"));
    bench.settle();
    say(bob, "lobby", "1", "after");
    bench.settle();
    alice.open();
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'one'", "bye"));
    EXPECT_TRUE(alice.transport.writeEnded);
    EXPECT_FALSE(alice.gone()) << "its side has not ended yet";
    alice.end();
    bench.settle();
    EXPECT_TRUE(alice.gone());
    EXPECT_EQ(bench.log.said["lobby"].size(), 2u);
}

// What was asked for in one breath with the goodbye: all of a long log, and a file.
class PartingTest : public ::testing::Test {
  protected:
    PartingTest() {
        Peer& bob = bench.v2User("bob");
        for (int i = 1; i <= 40; ++i) {
            say(bob, "lobby", std::to_string(i), std::string(10'000, 'x'));
        }
        bench.settle();
        sha256 = bench.files.put(std::string(300'000, 'f'));
    }
    std::string wishes() const {
        return v2("netchat/2 nick:alice") + v2("join room:lobby since:0") +
               v2("get sha256:" + sha256);
    }
    // How many of each verb came.
    static std::map<std::string, size_t> verbs(Peer& peer) {
        std::map<std::string, size_t> counts;
        for (const auto& frame : peer.frames()) ++counts[frame.verb];
        return counts;
    }
    Bench bench;
    std::string sha256;
};

TEST_F(PartingTest, WhoEndsItsSideIsSentAllItAskedFor) {
    Peer& alice = bench.connect();
    alice.stall();
    alice.send(wishes());
    alice.end();
    bench.settle();
    EXPECT_FALSE(alice.gone());
    for (int round = 0; round < 1000 && !alice.gone(); ++round) {
        alice.open(5'000);
        bench.settle();
    }
    EXPECT_TRUE(alice.gone());
    auto got = verbs(alice);
    EXPECT_EQ(got["msg"], 40u);
    EXPECT_EQ(got["data"], 5u);
}

TEST_F(PartingTest, ByeComesAfterAllThatWasAskedFor) {
    Peer& alice = bench.connect();
    alice.send(wishes() + v2("bye"));
    bench.settle();
    const auto frames = alice.frames();
    EXPECT_EQ(frames.back().verb, "bye");
    EXPECT_EQ(std::count_if(frames.begin(), frames.end(),
                            [](const auto& frame) { return frame.verb == "msg"; }),
              40);
    EXPECT_TRUE(alice.transport.writeEnded);
}

TEST_F(PartingTest, AConnectionThatIsLostMeanwhileIsWaitedForNoLonger) {
    Peer& alice = bench.connect();
    alice.stall();
    alice.send(wishes());
    alice.end();
    bench.settle();
    alice.end("reset by peer");
    bench.settle();
    EXPECT_TRUE(alice.gone()) << "nothing can be sent to it";
    Peer& again = bench.connect();
    again.send(v2("netchat/2 nick:alice"));
    bench.settle();
    EXPECT_THAT(again.briefs(), ElementsAre(::testing::HasSubstr("welcome")));
}

TEST(Session, WhoDoesNotEndItsSideIsEndedInTime) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    alice.send(v2("bye"));
    bench.settle();
    bench.pass(limits::kDrainTimeoutMs - 1);
    EXPECT_FALSE(alice.gone());
    bench.pass(1);
    EXPECT_TRUE(alice.gone());
    EXPECT_EQ(bench.shards[0]->size(), 0u);
}

TEST(Session, WhoDoesNotReadIsEndedInTime) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    alice.stall();
    alice.send(v2("bye"));
    bench.settle();
    EXPECT_FALSE(alice.transport.writeEnded);
    bench.pass(limits::kDrainTimeoutMs);
    EXPECT_TRUE(alice.gone());
}

TEST(Session, WhoSaysNothingIsEndedInTime) {
    Bench bench;
    Peer& silent = bench.connect();
    Peer& half = bench.connect();
    half.send("5         al");
    Peer& halfV2 = bench.connect();
    halfV2.send(v2("netchat/2 nick:alice").substr(0, 25));
    Peer& alice = bench.v2User("bob");
    EXPECT_EQ(bench.shards[0]->nextDeadlineMs(), limits::kGreetingTimeoutMs);
    bench.pass(limits::kGreetingTimeoutMs - 1);
    EXPECT_FALSE(silent.transport.writeEnded);
    bench.pass(1);
    EXPECT_TRUE(silent.transport.writeEnded);
    EXPECT_EQ(silent.take(), "") << "nobody knows its dialect";
    EXPECT_THAT(half.lines(), ElementsAre(HasSubstr("netchat: no user name arrived within")));
    EXPECT_THAT(halfV2.briefs(), ElementsAre("error code:timeout re:netchat/2"));
    bench.pass(limits::kDrainTimeoutMs);
    EXPECT_TRUE(silent.gone());
    EXPECT_FALSE(alice.gone());
    EXPECT_EQ(bench.shards[0]->nextDeadlineMs(), -1);
}

TEST(Session, AConnectionThatIsLostLeavesAtOnce) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    alice.take();
    bob.stall();
    say(alice, "lobby", "1", "text");
    bench.settle();
    bob.end("connection reset");
    bench.settle();
    bench.pass(limits::kDrainTimeoutMs);
    EXPECT_TRUE(bob.gone());
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'text'",
                                            "presence room:lobby state:left nick:bob"));
}

TEST(Session, TheServersByeComesAfterWhatWasSaid) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& old = bench.classicUser("old");
    alice.take();
    alice.stall();
    say(alice, "lobby", "1", "text");
    bench.settle();
    bench.shards[0]->bye("the server is shutting down");
    alice.open();
    bench.settle();
    EXPECT_TRUE(bench.shards[0]->settled());
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'text'", "bye"));
    EXPECT_THAT(old.lines(), ElementsAre("alice: text"));
    EXPECT_TRUE(old.transport.writeEnded);
}

TEST(Session, AServerAtRestKeepsNothingOfThoseWhoLeft) {
    Bench bench;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 50; ++i) {
            Peer& peer = bench.connect();
            peer.send(i % 2 == 0
                          ? v2("netchat/2 nick:n" + std::to_string(i)) + v2("join room:lobby")
                          : field("old" + std::to_string(i)));
        }
        bench.settle();
        for (auto& peer : bench.peers) peer->end();
        bench.settle();
        bench.pass(limits::kGreetingTimeoutMs);
        EXPECT_EQ(bench.shards[0]->size(), 0u);
        EXPECT_FALSE(bench.shards[0]->busy());
        EXPECT_EQ(bench.shards[0]->nextDeadlineMs(), -1);
        bench.peers.clear();
    }
}

// A dialogue at rest serves whoever speaks next: what is half-said must stay its speaker's.
TEST(Session, HalfOfWhatSomebodySaysWaitsForItsOtherHalfWhileOthersSpeak) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    Peer& old = bench.classicUser("old");
    Peer& elder = bench.classicUser("elder");
    const std::string framed = v2("say room:lobby id:1", "from alice");
    const std::string fielded = field("from old");
    for (size_t cut = 1; cut < std::max(framed.size(), fielded.size()); ++cut) {
        const size_t a = std::min(cut, framed.size()), o = std::min(cut, fielded.size());
        const std::string id = " id:" + std::to_string(cut + 1);
        const std::string says = v2("say room:lobby" + id, "from alice");
        alice.send(std::string_view(says).substr(0, a));
        old.send(std::string_view(fielded).substr(0, o));
        bob.send(v2("say room:lobby" + id, "from bob"));
        elder.send(field("from elder"));
        bench.settle();
        alice.send(std::string_view(says).substr(a));
        old.send(std::string_view(fielded).substr(o));
        bench.settle();
        auto lines = elder.lines();
        std::sort(lines.begin(), lines.end());
        EXPECT_THAT(lines, ElementsAre("alice: from alice", "bob: from bob", "old: from old"))
            << cut;
        for (Peer* peer : {&alice, &bob, &old}) peer->take();
    }
}

TEST(Session, ManyWhoSpeakAtOnceHaveADialogueEach) {
    Bench bench;
    std::vector<Peer*> peers;
    for (int i = 0; i < 100; ++i) {
        peers.push_back(&bench.v2User("u" + std::to_string(i), {"r" + std::to_string(i)}));
    }
    for (int round = 0; round < 3; ++round) {
        const auto says = [round](size_t i) {
            return v2("say room:r" + std::to_string(i) + " id:" + std::to_string(round + 1),
                      "x" + std::to_string(i));
        };
        for (size_t i = 0; i < peers.size(); ++i) peers[i]->send(says(i).substr(0, 20 + i % 10));
        bench.settle();
        for (size_t i = 0; i < peers.size(); ++i) peers[i]->send(says(i).substr(20 + i % 10));
        bench.settle();
        for (size_t i = 0; i < peers.size(); ++i) {
            EXPECT_THAT(peers[i]->briefs(), ElementsAre(HasSubstr("'x" + std::to_string(i) + "'")));
        }
    }
}

TEST(Session, WhoeverSpeaksNonsenseIsRefusedAlone) {
    for (const char* nonsense : {"nonsense that is no header", "9999999999"}) {
        Bench bench;
        Peer& alice = bench.v2User("alice");
        Peer& mallory = bench.v2User("mallory");
        Peer& old = bench.classicUser("old");
        Peer& elder = bench.classicUser("elder");
        mallory.send(nonsense);
        elder.send(nonsense);
        say(alice, "lobby", "1", "one");
        old.send(field("two"));
        bench.settle();
        EXPECT_TRUE(mallory.transport.writeEnded);
        EXPECT_TRUE(elder.transport.writeEnded);
        EXPECT_FALSE(alice.transport.writeEnded);
        EXPECT_FALSE(old.transport.writeEnded);
        EXPECT_THAT(bench.log.said["lobby"].size(), 2u);
    }
}

TEST(Session, ALongNickIsCutInTheLogAtACharacter) {
    Bench bench;
    Peer& peer = bench.v2User("\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4");
    peer.send("nonsense that is no header");
    bench.settle();
    EXPECT_TRUE(bench.report.says("(\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u2026)"));
}

// A server on loopback trusts what is plain there; what a balancer forwards comes from elsewhere.
TEST(Session, WhoComesFromAnotherMachineThroughABalancerMustUseTls) {
    Bench bench;
    const auto answerTo = [&bench](const std::string& greeting, bool outside) {
        Peer& peer = bench.connect();
        peer.transport.outside = outside;
        peer.send(greeting);
        bench.settle();
        return peer.transport.received;
    };
    EXPECT_THAT(answerTo(v2("netchat/2 nick:alice"), true), HasSubstr("requires TLS"));
    EXPECT_THAT(answerTo(field("carl"), true), HasSubstr("does not accept the classic protocol"));
    EXPECT_THAT(answerTo(v2("netchat/2 nick:alice"), false), HasSubstr("welcome"));
    EXPECT_THAT(answerTo(field("carl"), false), IsEmpty());
}

}  // namespace
}  // namespace netchat::serve::testing

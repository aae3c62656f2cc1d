// Whether a peer is still there: who is asked, who counts as gone, and who stays.

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDeadAfterMs = 120'000;
constexpr int64_t kLookMs = kDeadAfterMs / 8;

class SessionLife : public ::testing::Test {
  protected:
    static Bench::Options options() {
        Bench::Options options;
        options.deadAfterMs = kDeadAfterMs;
        return options;
    }
    // Time passes as in the server: each look comes by itself.
    void pass(int64_t ms) {
        for (int64_t left = ms; left > 0; left -= kLookMs) bench.pass(std::min(left, kLookMs));
    }
    Bench bench{options()};
};

TEST_F(SessionLife, WhoHasAnsweredBeforeAndDoesSoNoMoreIsGone) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob", {"quiet"});
    pass(60'000);
    EXPECT_THAT(bob.briefs(), ElementsAre("ping"));
    bob.send(v2("pong"));
    pass(kDeadAfterMs / 2);
    EXPECT_THAT(bob.briefs(), ElementsAre("ping"));
    alice.send(v2("who"));  // alice lives
    pass(kDeadAfterMs / 2 + kLookMs);
    EXPECT_THAT(bob.briefs(), Contains("error code:timeout"));
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_FALSE(alice.transport.writeEnded);
}

TEST_F(SessionLife, WhoAnswersStays) {
    Peer& bob = bench.v2User("bob");
    for (int minute = 0; minute < 60; ++minute) {
        pass(60'000);
        for (const auto& frame : bob.briefs()) {
            ASSERT_EQ(frame, "ping");
            bob.send(v2("pong"));
        }
    }
    EXPECT_FALSE(bob.transport.writeEnded);
}

TEST_F(SessionLife, WhoNeverAnswersIsAskedOnceAndStays) {
    Peer& bob = bench.v2User("bob");
    pass(3'600'000);
    EXPECT_THAT(bob.briefs(), ElementsAre("ping"));
    EXPECT_FALSE(bob.transport.writeEnded);
    // When it is heard, another silence begins.
    bob.send(v2("ping token:x"));
    pass(3'600'000);
    EXPECT_THAT(bob.briefs(), ElementsAre("pong token:x", "ping"));
}

TEST_F(SessionLife, AClassicUserIsNotAsked) {
    Peer& old = bench.classicUser("old");
    pass(3'600'000);
    EXPECT_THAT(old.lines(), IsEmpty());
    EXPECT_FALSE(old.transport.writeEnded);
}

TEST_F(SessionLife, WhatIsNotDeliveredCannotBeAnswered) {
    Peer& bob = bench.v2User("bob");
    pass(60'000);
    bob.send(v2("pong"));
    bob.take();
    bob.transport.acknowledged = false;
    Peer& alice = bench.v2User("alice");
    alice.send(v2("say room:lobby id:1", "hello"));
    pass(3'600'000);
    EXPECT_FALSE(bob.transport.writeEnded) << "its machine is the kernel's affair";
    bob.transport.acknowledged = true;
    pass(2 * kDeadAfterMs);
    EXPECT_TRUE(bob.transport.writeEnded);
}

TEST_F(SessionLife, WhoIsNotReadCannotBeHeard) {
    Peer& bob = bench.v2User("bob");
    pass(60'000);
    bob.send(v2("pong"));
    // So many questions that it is not read on before they are answered.
    for (size_t i = 0; i < limits::kQuestionsAtOnceMax; ++i) bob.send(v2("who"));
    ASSERT_FALSE(bob.transport.reading);
    for (int64_t ms = 0; ms < 2 * kDeadAfterMs; ms += kLookMs) {
        bench.setNow(1'000'000 + ms);
        bench.shards[0]->tick();
        bench.flush(0);
    }
    EXPECT_FALSE(bob.transport.writeEnded);
}

TEST_F(SessionLife, NothingIsLookedForWhenNothingHappens) {
    bench.v2User("bob");
    bench.classicUser("old");
    pass(2 * kDeadAfterMs);
    EXPECT_EQ(bench.shards[0]->nextDeadlineMs(), -1);
}

TEST_F(SessionLife, ThousandsAreAskedInManyTurns) {
    constexpr size_t kMany = 1000;
    for (size_t i = 0; i < kMany; ++i) {
        bench.connect().send(v2("netchat/2 nick:n" + std::to_string(i)));
    }
    bench.settle();
    const auto asked = [&] {
        size_t count = 0;
        for (const auto& peer : bench.peers) count += peer->briefs().size();
        return count;
    };
    asked();  // what was said at the beginning
    size_t most = 0, all = 0;
    for (int turn = 0; turn < 200 && bench.shards[0]->nextDeadlineMs() >= 0; ++turn) {
        bench.setNow(bench.shards[0]->nextDeadlineMs());
        bench.shards[0]->tick();
        bench.settle();
        const size_t now = asked();
        most = std::max(most, now);
        all += now;
    }
    EXPECT_EQ(all, kMany);
    EXPECT_LE(most, 256u);
}

}  // namespace
}  // namespace netchat::serve::testing

// A log that does not keep up: who is not read for a while, and who is told.

#include "tests/serve/late_log_fixture.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LateHoldTest : public LateLogTest {
  protected:
    LateHoldTest() : LateLogTest(1, {8, 30'000, 69'000}) {}

    // So many texts in one go, of this size.
    void saysMany(Peer& peer, size_t count, size_t size = 1) {
        std::string all;
        for (size_t i = 0; i < count; ++i) {
            all += v2("say room:lobby id:" + std::to_string(++lastId_), std::string(size, 'x'));
        }
        peer.send(all);
        bench_.settle();
    }
    size_t inLog() { return bench_.log.said["lobby"].size(); }
    void answerAll() {
        while (!port_.batches.empty()) answer();
    }
    // The log has not answered for so long.
    void waits(int64_t ms) {
        bench_.setNow(now_ += ms);
        bench_.hub.setNow(Bench::kWallMs + now_);
        bench_.hub.lookAtSlowLog();
        bench_.settle();
    }

  private:
    uint64_t lastId_ = 0;
    int64_t now_ = 0;
};

TEST_F(LateHoldTest, WhoSaysTooMuchIsNotReadUntilTheLogHasAnsweredMostOfIt) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    saysMany(alice, 7);
    EXPECT_TRUE(alice.transport.reading);
    saysMany(alice, 1);
    EXPECT_FALSE(alice.transport.reading);
    EXPECT_TRUE(bob.transport.reading);
    answer();  // the first seven
    EXPECT_TRUE(alice.transport.reading);
    answerAll();
    EXPECT_EQ(inLog(), 8u);
}

TEST_F(LateHoldTest, WhatHasComeAlreadyWaitsAndIsNotLost) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 8);
    ASSERT_FALSE(alice.transport.reading);
    saysMany(alice, 30);  // as one piece that was read before
    EXPECT_EQ(port_.batches.front()->drafts.size(), 8u);
    answer();
    EXPECT_FALSE(alice.transport.reading) << "it has said too much again";
    for (int i = 0; i < 20; ++i) answerAll();
    EXPECT_EQ(inLog(), 38u);
    EXPECT_TRUE(alice.transport.reading);
}

TEST_F(LateHoldTest, LongTextsCountByTheirBytes) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 2, 9'000);
    EXPECT_TRUE(alice.transport.reading);
    saysMany(alice, 1, 9'000);
    EXPECT_FALSE(alice.transport.reading);
    answerAll();
    EXPECT_TRUE(alice.transport.reading);
}

TEST_F(LateHoldTest, CommandsThatWaitCount) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 1);
    for (int i = 0; i < 7; ++i) sends(alice, "nick nick:alice" + std::to_string(i));
    EXPECT_FALSE(alice.transport.reading);
    answerAll();
    EXPECT_TRUE(alice.transport.reading);
}

TEST_F(LateHoldTest, WhenAllTogetherHaveSaidTooMuchWhoAddsToItIsNotRead) {
    std::vector<Peer*> peers;
    for (const char* nick : {"a", "b", "c", "d"}) peers.push_back(&bench_.v2User(nick));
    for (int i = 0; i < 3; ++i) saysMany(*peers[i], 2, 9'600);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(peers[i]->transport.reading) << i;
    saysMany(*peers[3], 1, 3'000);
    EXPECT_FALSE(peers[3]->transport.reading);
    EXPECT_TRUE(peers[0]->transport.reading);
    answerAll();
    for (Peer* peer : peers) EXPECT_TRUE(peer->transport.reading);
    EXPECT_EQ(inLog(), 7u);
}

TEST_F(LateHoldTest, WhoEndsWhileItIsHeldHasSaidAllThatHadCome) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    saysMany(alice, 12);
    alice.end();
    bench_.settle();
    for (int i = 0; i < 10; ++i) answerAll();
    EXPECT_EQ(inLog(), 12u);
    EXPECT_TRUE(alice.gone());
    EXPECT_EQ(bob.briefs().back(), "presence room:lobby state:left nick:alice");
}

TEST_F(LateHoldTest, WhoIsLostWhileItIsHeldGoes) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 8);
    alice.end("lost");
    bench_.settle();
    answerAll();
    EXPECT_TRUE(alice.gone());
    EXPECT_EQ(bench_.hub.users(), 0u);
    EXPECT_EQ(bench_.hub.checkInvariants(), "");
}

TEST_F(LateHoldTest, WhoWaitsForLongIsToldOnce) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    Peer& carol = bench_.v2User("carol");
    saysMany(alice, 2);
    saysMany(bob, 1);
    waits(1'900);
    EXPECT_THAT(alice.briefs(), IsEmpty());
    waits(200);
    const auto told = alice.frames();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].verb, "notice");
    EXPECT_EQ(told[0].body, "what you say waits: the log does not answer");
    EXPECT_THAT(bob.briefs(), ElementsAre("notice"));
    EXPECT_THAT(carol.briefs(), IsEmpty());
    saysMany(carol, 1);
    saysMany(carol, 1);
    saysMany(alice, 1);
    waits(5'000);
    EXPECT_THAT(carol.briefs(), ElementsAre("notice"));
    EXPECT_THAT(alice.briefs(), IsEmpty());
    answerAll();
    EXPECT_EQ(alice.briefs().size(), 6u) << "the entries, and no other notice";
}

TEST_F(LateHoldTest, WhoWaitsAgainLaterIsToldAgain) {
    Peer& alice = bench_.v2User("alice");
    for (int i = 0; i < 2; ++i) {
        saysMany(alice, 1);
        waits(2'000);
        EXPECT_THAT(alice.briefs(), ElementsAre("notice"));
        answerAll();
        forget();
    }
}

TEST_F(LateHoldTest, WhoWaitsBehindAPageIsToldToo) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    saysMany(alice, 1);
    answerAll();
    sends(alice, "history room:lobby");
    sends(bob, "history room:lobby");
    forget();
    saysMany(alice, 1);
    waits(2'000);
    EXPECT_THAT(alice.briefs(), ElementsAre("notice"));
    EXPECT_THAT(bob.briefs(), IsEmpty()) << "it says nothing";
    waits(2'000);
    EXPECT_THAT(alice.briefs(), IsEmpty());
    answerRead();
    EXPECT_EQ(alice.frames().at(0).verb, "page");
}

TEST_F(LateHoldTest, HistoryThatDoesNotComeIsGivenUp) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 1);
    answerAll();
    forget();
    sends(alice, "history room:lobby");
    sends(alice, "nick nick:carol");
    waits(9'900);
    EXPECT_THAT(alice.briefs(), ElementsAre("notice"));
    waits(200);
    EXPECT_THAT(alice.briefs(),
                ElementsAre("error room:lobby code:timeout re:history", "named nick:carol",
                            "presence room:lobby state:renamed nick:carol "
                            "was:alice"));
    answerRead();
    EXPECT_THAT(alice.briefs(), IsEmpty()) << "it comes too late";
}

TEST_F(LateHoldTest, WhoCatchesUpIsNotGivenUp) {
    Peer& alice = bench_.v2User("alice");
    saysMany(alice, 1);
    answerAll();
    Peer& bob = bench_.connect();
    bob.send(v2("netchat/2 nick:bob") + v2("join room:lobby since:0"));
    bench_.settle();
    forget();
    waits(60'000);
    EXPECT_THAT(bob.briefs(), IsEmpty());
    answerRead();
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'x'"));
}

TEST_F(LateHoldTest, OperatorsSeeThatTheLogDoesNotAnswer) {
    Peer& alice = bench_.v2User("alice");
    EXPECT_EQ(logState(), "good");
    saysMany(alice, 1);
    waits(2'000);
    EXPECT_EQ(logState(), "the log does not answer");
    answerAll();
    EXPECT_EQ(logState(), "good");
}

}  // namespace
}  // namespace netchat::serve::testing

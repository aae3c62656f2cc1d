// Pages of a log that answers later: what is in them, what waits for them, and what comes
// meanwhile.

#include <limits>

#include "protocol/limits.h"
#include "tests/serve/late_log_fixture.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LateReadsTest : public LateLogTest {
  protected:
    // Has nothing of the room yet, and wants all of it.
    Peer& comesBehind(const std::string& nick) {
        Peer& peer = bench_.connect();
        peer.send(v2("netchat/2 nick:" + nick) + v2("join room:lobby since:0"));
        bench_.settle();
        return peer;
    }
    std::string page(Peer& peer) {
        std::string texts;
        for (const Frame& frame : peer.frames()) {
            if (frame.verb == "msg") texts += frame.body + " ";
            if (frame.verb == "gap") texts += "gap " + frame["from"] + "-" + frame["to"] + " ";
        }
        return texts;
    }
};

TEST_F(LateReadsTest, WhoIsBehindGetsThePageWhenItComesAndThenWhatWasSaidMeanwhile) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    said(alice, "2", "two");
    Peer& bob = comesBehind("bob");
    ASSERT_EQ(port_.reads.size(), 1u);
    said(alice, "3", "three");
    EXPECT_EQ(page(bob), "");
    answerRead();
    EXPECT_EQ(page(bob), "one two three ");
    EXPECT_TRUE(port_.reads.empty()) << "the tail has kept the rest";
}

TEST_F(LateReadsTest, WhoGoesBeforeThePageComesLeavesNothingToBeKept) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    said(alice, "2", "two");
    bob.end("lost");
    bench_.settle();
    said(alice, "3", "three");
    EXPECT_EQ(bench_.shards[0]->checkInvariants(), "");
    Peer& carol = comesBehind("carol");
    answerRead(1);
    EXPECT_EQ(page(carol), "one two three ");
}

TEST_F(LateReadsTest, APageEndsWithWhatWasGivenBackWhenItWasAskedFor) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    says(alice, "2", "two");  // under way
    (void)comesBehind("bob");
    EXPECT_EQ(port_.reads.at(0).second.end, 2u);
    EXPECT_EQ(port_.reads.at(0).second.from, 1u);
}

TEST_F(LateReadsTest, TheNextPageFollowsWhereTheFirstWasCutShort) {
    Peer& alice = bench_.v2User("alice");
    for (int i = 1; i <= 3; ++i) said(alice, std::to_string(i), "t" + std::to_string(i));
    Peer& bob = comesBehind("bob");
    auto some = entries(port_.reads.at(0).second);
    some.resize(2);
    answerRead(0, some);
    ASSERT_EQ(port_.reads.size(), 1u);
    EXPECT_EQ(port_.reads[0].second.from, 3u);
    answerRead();
    EXPECT_EQ(page(bob), "t1 t2 t3 ");
}

TEST_F(LateReadsTest, APageThatCannotBeReadIsAskedForAgain) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    forget();
    failRead();
    EXPECT_THAT(bob.briefs(), IsEmpty());
    EXPECT_TRUE(port_.reads.empty());
    ASSERT_TRUE(bench_.hub.mustAskAgain());
    said(alice, "2", "two");
    askAgain();
    EXPECT_FALSE(bench_.hub.mustAskAgain());
    ASSERT_EQ(port_.reads.size(), 1u);
    EXPECT_EQ(port_.reads[0].second.end, 3u);
    answerRead();
    EXPECT_EQ(page(bob), "one two ");
}

TEST_F(LateReadsTest, AnEmptyPageWhereThereIsSomethingIsAskedForAgain) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    answerRead(0, std::vector<store::KeptEntry>{});
    EXPECT_TRUE(bench_.hub.mustAskAgain());
    askAgain();
    answerRead();
    EXPECT_EQ(page(bob), "one ");
}

TEST_F(LateReadsTest, WhatIsForgottenMeanwhileIsAGap) {
    Peer& alice = bench_.v2User("alice");
    for (int i = 1; i <= 3; ++i) said(alice, std::to_string(i), "t" + std::to_string(i));
    Peer& bob = comesBehind("bob");
    auto rest = entries(port_.reads.at(0).second);
    rest.erase(rest.begin(), rest.begin() + 2);
    answerRead(0, rest);
    EXPECT_EQ(page(bob), "gap 1-2 t3 ");
}

TEST_F(LateReadsTest, WhatASessionAsksAfterwardsWaitsAndOthersGoOn) {
    Peer& alice = bench_.v2User("alice");
    Peer& carol = bench_.v2User("carol");
    said(alice, "1", "one");
    alice.send(v2("history room:lobby") + v2("say room:lobby id:2", "two") + v2("who room:lobby") +
               v2("leave room:lobby"));
    carol.send(v2("say room:lobby id:1", "three"));
    bench_.settle();
    EXPECT_THAT(port_.texts(0), ElementsAre("three"));
    answer();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:2 from:carol id:1 'three'"));
    answerRead();
    EXPECT_EQ(alice.frames().at(0).verb, "page");
    EXPECT_THAT(port_.texts(0), ElementsAre("two"));
    answer();
    const auto briefs = alice.briefs();
    ASSERT_EQ(briefs.size(), 3u);
    EXPECT_EQ(briefs[0], "roster room:lobby members:2");
    EXPECT_EQ(briefs[1], "msg room:lobby seq:3 from:alice id:2 'two'");
    EXPECT_EQ(briefs[2], "left room:lobby seq:3");
}

TEST_F(LateReadsTest, HistoryIsAskedForFromItsNewEnd) {
    Peer& alice = bench_.v2User("alice");
    for (int i = 1; i <= 5; ++i) said(alice, std::to_string(i), "t" + std::to_string(i));
    sends(alice, "history room:lobby before:5 limit:2");
    const ReadRequest& asked = port_.reads.at(0).second;
    EXPECT_EQ(asked.from, 3u);
    EXPECT_EQ(asked.end, 5u);
    EXPECT_TRUE(asked.newest);
    answerRead();
    const Frame answer = alice.frames().at(0);
    EXPECT_EQ(answer["more"], "1");
    EXPECT_EQ(answer["first"], "3");
}

// A page of history must fit into a frame, whatever the log answers.
TEST_F(LateReadsTest, HistoryThatIsTooLongLosesItsOldEnd) {
    Peer& alice = bench_.v2User("alice");
    for (int i = 1; i <= 4; ++i) {
        said(alice, std::to_string(i), std::string(limits::kPageBytesMax / 2, 'x'));
    }
    sends(alice, "history room:lobby");
    answerRead();
    const Frame answer = alice.frames().at(0);
    EXPECT_EQ(answer["more"], "1");
    EXPECT_EQ(answer["first"], "3");
}

TEST_F(LateReadsTest, HistoryThatCannotBeReadIsRefused) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    sends(alice, "history room:lobby");
    failRead();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby code:timeout re:history"));
    EXPECT_FALSE(bench_.hub.isReading());
}

TEST_F(LateReadsTest, HistoryOfNothingNeedsNoRead) {
    Peer& alice = bench_.v2User("alice");
    sends(alice, "history room:lobby");
    EXPECT_EQ(alice.frames().at(0).verb, "page");
    EXPECT_TRUE(port_.reads.empty());
}

TEST_F(LateReadsTest, WhoIsPutOutOfTheRoomMeanwhileIsNotShownItsHistory) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    sends(alice, "history room:lobby");
    order(AdminAction::CloseRoom, "lobby");
    forget();
    answerRead();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby code:not-in-room re:history"));
}

TEST_F(LateReadsTest, APageForWhoHasGoneIsNobodys) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    bob.end("lost");
    bench_.settle();
    EXPECT_TRUE(bob.gone());
    EXPECT_FALSE(bench_.hub.isReading());
    EXPECT_EQ(alice.briefs().back(), "presence room:lobby state:left nick:bob");
    answerRead();
    EXPECT_THAT(alice.briefs(), IsEmpty());
}

TEST_F(LateReadsTest, WhoEndsInOrderIsSentThePageFirst) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    alice.send(v2("history room:lobby"));
    alice.end();
    bench_.settle();
    EXPECT_FALSE(alice.gone());
    answerRead();
    EXPECT_EQ(alice.frames().at(0).verb, "page");
    EXPECT_TRUE(alice.gone());
}

TEST_F(LateReadsTest, WhatWasSaidBeforeTheEndIsSaidAllTheSame) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    bob.send(v2("say room:lobby id:1", "two") + v2("history room:lobby"));
    bench_.settle();
    EXPECT_TRUE(port_.batches.empty());
    bob.end("lost");
    bench_.settle();
    EXPECT_THAT(port_.texts(0), ElementsAre("two"));
    answer();
    EXPECT_FALSE(bench_.hub.isReading()) << "nobody is there to see the history";
    EXPECT_EQ(bench_.log.said["lobby"].size(), 2u);
    EXPECT_EQ(alice.briefs().back(), "presence room:lobby state:left nick:bob");
}

TEST_F(LateReadsTest, ALatePageIsNotForTheNextConnectionOfTheSameUser) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    const std::string secret = bob.frames().at(0)["session"];
    Peer& again = bench_.connect();
    again.send(v2("netchat/2 nick:bob session:" + secret) + v2("join room:lobby since:0"));
    bench_.settle();
    ASSERT_EQ(port_.reads.size(), 2u);
    answerRead();  // the first connection's
    EXPECT_EQ(page(again), "");
    answerRead();
    EXPECT_EQ(page(again), "one ");
    EXPECT_THAT(bob.briefs(), ElementsAre("error code:bad-state"));
}

TEST_F(LateReadsTest, ARoomThatIsRemovedMeanwhileIsAGap) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    sends(alice, "leave room:lobby");
    Peer& bob = comesBehind("bob");
    forget();
    order(AdminAction::CloseRoom, "lobby");
    order(AdminAction::PurgeRoom, "lobby");
    while (bench_.hub.workOn()) {
    }
    bench_.settle();
    const auto nothing = entries(port_.reads.at(0).second);
    answerRead(0, nothing);
    EXPECT_FALSE(bob.gone());
    EXPECT_FALSE(bench_.hub.isReading());
}

TEST_F(LateReadsTest, WhatWasSaidTwiceIsReadAndAnsweredOnce) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    says(alice, "1", "one");
    answer();
    EXPECT_THAT(alice.briefs(), IsEmpty());
    sends(alice, "who room:lobby");
    EXPECT_THAT(alice.briefs(), IsEmpty()) << "its answer comes first";
    failRead();
    EXPECT_THAT(alice.briefs(), IsEmpty());
    askAgain();
    answerRead();
    const auto briefs = alice.briefs();
    ASSERT_EQ(briefs.size(), 2u);
    EXPECT_EQ(briefs[0], "msg room:lobby seq:1 from:alice id:1 again:1 'one'");
}

TEST_F(LateReadsTest, WhatWasSaidTwiceAndIsForgottenHasNoTextAnyMore) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    says(alice, "1", "one");
    answer();
    answerRead(0, std::vector<store::KeptEntry>{});
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 again:1 ''"));
}

TEST_F(LateReadsTest, ReadsOfSeveralAreAnsweredInAnyOrder) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    Peer& bob = comesBehind("bob");
    Peer& carol = comesBehind("carol");
    answerRead(1);
    EXPECT_EQ(page(carol), "one ");
    EXPECT_EQ(page(bob), "");
    answerRead();
    EXPECT_EQ(page(bob), "one ");
}

}  // namespace
}  // namespace netchat::serve::testing

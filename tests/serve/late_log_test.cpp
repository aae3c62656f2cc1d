// A log that answers later: what waits for it, and what goes on meanwhile.

#include "tests/serve/late_log_fixture.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(LateLogTest, NothingIsShownBeforeItAnswers) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    says(alice, "1", "hello");
    EXPECT_THAT(alice.briefs(), IsEmpty());
    EXPECT_THAT(bob.briefs(), IsEmpty());
    answer();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'hello'"));
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'hello'"));
}

TEST_F(LateLogTest, OthersGoOnMeanwhile) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    says(alice, "1", "hello");
    bob.send(v2("nick nick:carol") + v2("join room:den") + v2("leave room:lobby"));
    bench_.settle();
    EXPECT_EQ(bob.briefs().back(), "left room:lobby");
    answer();
    EXPECT_THAT(bob.briefs(), IsEmpty()) << "it has left before";
    EXPECT_EQ(alice.briefs().back(), "msg room:lobby seq:1 from:alice id:1 'hello'");
}

TEST_F(LateLogTest, WhoComesIntoTheRoomMeanwhileGetsTheEntryOnce) {
    Peer& alice = bench_.v2User("alice");
    says(alice, "1", "hello");
    Peer& bob = bench_.connect();
    bob.send(v2("netchat/2 nick:bob") + v2("join room:lobby since:0"));
    bench_.settle();
    EXPECT_EQ(bob.briefs().back(), "joined room:lobby seq:0 members:2");
    answer();
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'hello'"));
}

TEST_F(LateLogTest, TheOrderOfAUsersCommandsStays) {
    Peer& alice = bench_.v2User("alice");
    alice.send(v2("say room:lobby id:1", "one") + v2("nick nick:carol") +
               v2("say room:lobby id:2", "two") + v2("leave room:lobby") +
               v2("say room:lobby id:3", "three"));
    bench_.settle();
    EXPECT_THAT(alice.briefs(), IsEmpty());
    EXPECT_THAT(port_.texts(0), ElementsAre("one"));
    answer();
    EXPECT_THAT(port_.texts(0), ElementsAre("two")) << "under the new nick";
    answer();
    EXPECT_THAT(port_.texts(0), ElementsAre("(three)")) << "outside of the room";
    answer();
    EXPECT_THAT(alice.briefs(),
                ElementsAre("named nick:carol", "msg room:lobby seq:1 from:alice id:1 'one'",
                            "presence room:lobby state:renamed nick:carol was:alice",
                            "msg room:lobby seq:2 from:carol id:2 'two'", "left room:lobby seq:2",
                            "error room:lobby id:3 code:not-in-room re:say"));
}

TEST_F(LateLogTest, OneBatchIsUnderWayAndTheNextHasAllThatWasSaidMeanwhile) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    says(alice, "1", "one");
    says(bob, "1", "two");
    says(alice, "2", "three");
    ASSERT_EQ(port_.batches.size(), 1u);
    EXPECT_THAT(port_.texts(0), ElementsAre("one"));
    answer();
    ASSERT_EQ(port_.batches.size(), 1u);
    EXPECT_THAT(port_.texts(0), ElementsAre("two", "three"));
    answer();
    EXPECT_TRUE(port_.batches.empty());
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'one'",
                                          "msg room:lobby seq:2 from:bob id:1 'two'",
                                          "msg room:lobby seq:3 from:alice id:2 'three'"));
}

TEST_F(LateLogTest, WhatIsSaidMeanwhileHoldsBackOnlyWhoSaidIt) {
    Peer& alice = bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    Peer& carol = bench_.v2User("carol");
    says(alice, "1", "one");
    says(bob, "1", "two");
    sends(bob, "who room:lobby");
    sends(carol, "who room:lobby");
    EXPECT_THAT(bob.briefs(), IsEmpty());
    EXPECT_EQ(carol.frames().size(), 1u);
    answer();
    EXPECT_EQ(bob.frames().size(), 1u) << "its own text is under way";
    answer();
    EXPECT_EQ(bob.frames().size(), 2u);
}

TEST_F(LateLogTest, WhoComesBackMeanwhileHasSaidItOnce) {
    Peer& alice = bench_.connect();
    alice.send(v2("netchat/2 nick:alice") + v2("join room:lobby"));
    bench_.settle();
    const std::string secret = alice.frames().at(0)["session"];
    says(alice, "1", "hello");
    alice.end("lost");
    Peer& again = bench_.connect();
    again.send(v2("netchat/2 nick:alice session:" + secret) + v2("join room:lobby since:0") +
               v2("say room:lobby id:1", "hello"));
    bench_.settle();
    EXPECT_THAT(again.briefs(), IsEmpty()) << "it comes after what was said before";
    answer();
    answer();
    while (!port_.reads.empty()) answerRead();
    EXPECT_EQ(bench_.log.said["lobby"].size(), 1u);
    size_t shown = 0;
    for (const std::string& one : again.briefs()) shown += one.starts_with("msg ") ? 1 : 0;
    EXPECT_GE(shown, 1u);
    EXPECT_TRUE(alice.gone());
}

TEST_F(LateLogTest, ARefusalIsEachDraftsAndARoomWithNothingIsGone) {
    Peer& alice = bench_.v2User("alice", {"den"});
    alice.send(v2("say room:den id:1", "one") + v2("say room:den id:2", "two") +
               v2("leave room:den"));
    bench_.settle();
    fail();
    EXPECT_THAT(port_.texts(0), ElementsAre("(one)", "(two)"));
    answer();
    EXPECT_THAT(alice.briefs(),
                ElementsAre("error room:den id:1 code:no-room re:say",
                            "error room:den id:2 code:no-room re:say", "left room:den"));
    sends(alice, "rooms");
    EXPECT_EQ(alice.frames().at(0).body.find("den"), std::string::npos);
}

TEST_F(LateLogTest, WhatTheLogHasIsNotRefusedBecauseNothingCanBeAppended) {
    Peer& alice = bench_.v2User("alice");
    said(alice, "1", "one");
    alice.send(v2("say room:lobby id:1", "one") + v2("say room:lobby id:2", "two"));
    bench_.settle();
    fail();
    answer();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby id:2 code:no-room re:say"));
    answerRead();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 again:1 'one'"));
}

TEST_F(LateLogTest, WhereNothingCanBeLookedUpEitherTheFirstErrorIsTold) {
    Peer& alice = bench_.v2User("alice");
    says(alice, "1", "one");
    fail();
    fail("and now it does not even read");
    EXPECT_EQ(alice.frames().at(0).body, "the disk is full");
    EXPECT_FALSE(bench_.hub.isAppending());
}

TEST_F(LateLogTest, AClassicTextIsRefusedWithoutALookUp) {
    Peer& bob = bench_.classicUser("bob");
    bob.send(field("hello"));
    bench_.settle();
    fail();
    EXPECT_TRUE(port_.batches.empty());
    EXPECT_FALSE(bench_.hub.isAppending());
}

// ---- looking up

TEST_F(LateLogTest, WhatIsSaidOutsideIsLookedUpBeforeItIsRefused) {
    Peer& alice = bench_.v2User("alice");
    says(alice, "1", "one");
    answer();
    sends(alice, "leave room:lobby");
    forget();
    alice.send(v2("say room:lobby id:1", "one") + v2("say room:lobby id:2", "two"));
    bench_.settle();
    EXPECT_THAT(port_.texts(0), ElementsAre("(one)", "(two)"));
    EXPECT_THAT(alice.briefs(), IsEmpty());
    answer();
    answerRead();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby id:2 code:not-in-room re:say",
                                            "msg room:lobby seq:1 from:alice id:1 again:1 'one'"));
    EXPECT_EQ(bench_.log.said["lobby"].size(), 1u);
}

TEST_F(LateLogTest, WhatASessionAsksAfterALookUpWaitsForIt) {
    Peer& alice = bench_.v2User("alice");
    alice.send(v2("say room:den id:1", "one") + v2("join room:den"));
    bench_.settle();
    EXPECT_THAT(alice.briefs(), IsEmpty());
    answer();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:den id:1 code:not-in-room re:say",
                                            "joined room:den seq:0 members:1"));
}

TEST_F(LateLogTest, AnOfferGoesOnWhenTheFileWasNeverAnnounced) {
    Peer& alice = bench_.v2User("alice");
    sends(alice, "offer room:lobby id:1 name:a size:3 sha256:" + sha256Of("abc"));
    EXPECT_THAT(alice.briefs(), IsEmpty());
    EXPECT_THAT(port_.texts(0), ElementsAre("(a)"));
    answer();
    EXPECT_THAT(alice.briefs(), ElementsAre("accept id:1 at:0 transfer:1"));
}

TEST_F(LateLogTest, AFileThatIsAnnouncedNeedsNoUpload) {
    Peer& alice = bench_.v2User("alice");
    const std::string offer = "offer room:lobby id:1 name:a size:3 sha256:" + sha256Of("abc");
    sends(alice, offer);
    answer();
    alice.send(v2("data transfer:1 off:0", "abc"));
    bench_.settle();
    answer();
    forget();
    sends(alice, offer);
    answer();
    answerRead();
    const auto briefs = alice.briefs();
    ASSERT_EQ(briefs.size(), 1u);
    EXPECT_TRUE(briefs[0].starts_with("file room:lobby seq:1")) << briefs[0];
}

TEST_F(LateLogTest, ARoomIsKeptForWhatIsUnderWayThere) {
    Peer& alice = bench_.v2User("alice", {"den"});
    alice.send(v2("say room:den id:1", "one"));
    bench_.settle();
    order(AdminAction::Kick, "alice");
    answer();
    EXPECT_EQ(bench_.log.said["den"].size(), 1u);
    Peer& bob = bench_.connect();
    bob.send(v2("netchat/2 nick:bob") + v2("join room:den since:0"));
    bench_.settle();
    answerRead();
    EXPECT_EQ(bob.briefs().back(), "msg room:den seq:1 from:alice id:1 'one'");
}

}  // namespace
}  // namespace netchat::serve::testing

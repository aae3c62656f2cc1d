// The hub as its users see it, through sessions on the bench: order, rooms, presence and answers.

#include "modes/serve/hub/hub.h"

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Hub, ShowsWhatIsSaidToEveryMemberTheSenderToo) {
    Bench bench({2});
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob", {"lobby"}, 1);
    Peer& old = bench.classicUser("old", 1);
    Peer& other = bench.v2User("other", {"elsewhere"});
    say(alice, "lobby", "17", "hello");
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:17 'hello'"));
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:17 'hello'"));
    EXPECT_THAT(old.lines(), ElementsAre("alice: hello"));
    EXPECT_THAT(other.briefs(), IsEmpty());
}

TEST(Hub, ActsInTheOrderOfTheCommandsAcrossRooms) {
    Bench bench;
    Peer& bob = bench.v2User("bob", {"a", "b"});
    Peer& alice = bench.v2User("alice", {"a", "b"});
    bob.take();
    say(alice, "a", "1", "one");
    say(alice, "b", "2", "two");
    alice.send(v2("leave room:a"));
    say(alice, "a", "3", "three");
    alice.send(v2("nick nick:carol"));
    say(alice, "b", "4", "four");
    bench.settle();
    EXPECT_THAT(alice.briefs(),
                ElementsAre("msg room:a seq:1 from:alice id:1 'one'", "left room:a seq:1",
                            "error room:a id:3 code:not-in-room re:say", "named nick:carol",
                            "msg room:b seq:1 from:alice id:2 'two'",
                            "presence room:b state:renamed nick:carol was:alice",
                            "msg room:b seq:2 from:carol id:4 'four'"));
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:a seq:1 from:alice id:1 'one'",
                                          "presence room:a state:left nick:alice",
                                          "msg room:b seq:1 from:alice id:2 'two'",
                                          "presence room:b state:renamed nick:carol was:alice",
                                          "msg room:b seq:2 from:carol id:4 'four'"));
}

TEST(Hub, JoiningTellsWhoIsThereAndShowsOnlyWhatComes) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    say(alice, "lobby", "1", "before");
    Peer& old = bench.classicUser("old");
    Peer& bob = bench.connect();
    bob.send(v2("netchat/2 nick:bob") + v2("join room:lobby"));
    bench.settle();
    const auto frames = bob.frames();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].verb, "welcome");
    EXPECT_EQ(brief(frames[1]), "joined room:lobby seq:1 members:3");
    const auto roster = linesOf(frames[1].body);
    ASSERT_EQ(roster.size(), 3u);
    EXPECT_EQ(roster[0].at("nick"), "alice");
    EXPECT_EQ(roster[1].at("nick"), "old");
    EXPECT_EQ(roster[1].at("dialect"), "classic");
    EXPECT_EQ(roster[2].at("nick"), "bob");
    EXPECT_THAT(alice.briefs(), ElementsAre("presence room:lobby state:joined nick:bob"));
    EXPECT_THAT(old.lines(), IsEmpty());
}

TEST(Hub, JoiningSinceShowsWhatCameAfterThat) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (const char* id : {"1", "2", "3"}) say(alice, "lobby", id, "text");
    bench.settle();
    Peer& bob = bench.v2User("bob", {});
    bob.send(v2("join room:lobby since:1"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("joined room:lobby seq:3 members:2",
                                          "msg room:lobby seq:2 from:alice id:2 'text'",
                                          "msg room:lobby seq:3 from:alice id:3 'text'"));
    say(alice, "lobby", "4", "live");
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:4 from:alice id:4 'live'"));
    bob.send(v2("leave room:lobby") + v2("join room:lobby since:18446744073709551615"));
    bench.settle();
    EXPECT_THAT(bob.briefs(),
                ElementsAre("left room:lobby seq:4", "joined room:lobby seq:4 members:2"));
}

TEST(Hub, JoiningSinceShowsWhatWasSaidWhileOnlyOthersDialectsWereThere) {
    Bench bench;
    Peer& stalled = bench.classicUser("stalled");
    stalled.stall();
    Peer& old = bench.classicUser("old");
    old.send(field("one") + field("two"));
    bench.settle();
    Peer& bob = bench.v2User("bob", {});
    bob.send(v2("join room:lobby since:0"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("joined room:lobby seq:2 members:3",
                                          "msg room:lobby seq:1 from:old 'one'",
                                          "msg room:lobby seq:2 from:old 'two'"));
}

TEST(Hub, RefusesWhatCannotBeJoinedOrLeft) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    alice.send(v2("join room:lobby") + v2("leave room:a") + field("join\troom:a b\n") +
               field("join\troom:\n"));
    bench.settle();
    EXPECT_THAT(alice.briefs(),
                ElementsAre("error room:lobby code:bad-state re:join",
                            "error room:a code:not-in-room re:leave",
                            "error room:a b code:bad-room re:join", "error code:bad-room re:join"));
    for (size_t i = 1; i < limits::kRoomsPerUserMax; ++i) {
        alice.send(v2("join room:r" + std::to_string(i)));
    }
    bench.settle();
    alice.take();
    alice.send(v2("join room:one-more"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:one-more code:too-many re:join"));
}

TEST(Hub, ARoomOfManyDoesNotTellWhoComesAndGoes) {
    Bench bench;
    Peer& first = bench.v2User("first", {"big"});
    for (size_t i = 2; i <= limits::kPresenceMembersMax; ++i) {
        Peer& peer = bench.connect();
        peer.send(v2("netchat/2 nick:n" + std::to_string(i)) + v2("join room:big"));
    }
    bench.settle();
    const auto joined = framesOf(bench.peers.back()->take()).back();
    EXPECT_EQ(linesOf(joined.body).size(), limits::kPresenceMembersMax);
    first.take();

    Peer& beyond = bench.v2User("beyond", {});
    beyond.send(v2("join room:big"));
    bench.settle();
    EXPECT_THAT(first.briefs(), ElementsAre("presence room:big state:joined nick:beyond"));
    const auto frames = beyond.frames();
    ASSERT_EQ(brief(frames), std::vector<std::string>{"joined room:big seq:0 members:257"});
    EXPECT_EQ(frames[0].body, "");

    Peer& another = bench.v2User("another", {"big"});
    first.take();
    another.send(v2("leave room:big"));
    bench.settle();
    EXPECT_THAT(first.briefs(), IsEmpty());
    beyond.send(v2("leave room:big"));
    bench.settle();
    EXPECT_THAT(first.briefs(), ElementsAre("presence room:big state:left nick:beyond"));
}

TEST(Hub, WhatWasSaidBeforeIsAnsweredAgainAndShownToNobodyElse) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    say(alice, "lobby", "1", "one");
    say(bob, "lobby", "1", "bob's");
    bench.settle();
    alice.take(), bob.take();
    say(alice, "lobby", "1", "one");
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 again:1 'one'"));
    EXPECT_THAT(bob.briefs(), IsEmpty());
    EXPECT_EQ(bench.log.said["lobby"].size(), 2u);
}

TEST(Hub, AnIdOfAnotherRoomIsRefused) {
    Bench bench;
    Peer& bob = bench.v2User("bob", {"a", "b"});
    Peer& alice = bench.v2User("alice", {"a", "b"});
    say(bob, "b", "1", "bob's");
    say(alice, "a", "1", "one");
    bench.settle();
    alice.take();
    say(alice, "b", "1", "two");
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:b id:1 code:bad-id re:say"));
}

TEST(Hub, ALogThatFailsRefusesEveryDraftAndPublishesNothing) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Peer& old = bench.classicUser("old");
    Peer& bob = bench.v2User("bob");
    alice.take();
    bench.log.failures = 1;
    say(alice, "lobby", "1", "one");
    old.send(field("two"));
    say(alice, "lobby", "2", "three");
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby id:1 code:internal re:say",
                                            "error room:lobby id:2 code:internal re:say"));
    EXPECT_THAT(old.lines(), ElementsAre("netchat: the log is out of order"));
    EXPECT_THAT(bob.briefs(), IsEmpty());
    // The same ids may be tried again.
    say(alice, "lobby", "1", "one");
    old.send(field("two"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:lobby seq:1 from:alice id:1 'one'",
                                          "msg room:lobby seq:2 from:old 'two'"));
    EXPECT_THAT(old.lines(), ElementsAre("alice: one"));
}

TEST(Hub, TellsGoToOneUserAndBackToTheSender) {
    Bench bench({2});
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob", {}, 1);
    Peer& old = bench.classicUser("old", 1);
    alice.take();
    alice.send(v2("tell to:bob id:1", "psst") + v2("tell to:old id:2", "hm") +
               v2("tell to:nobody id:3", "?") + v2("tell to:alice id:4", "self"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("tell from:alice to:bob id:1 'psst'",
                                            "tell from:alice to:old id:2 'hm'",
                                            "error id:3 code:no-such-nick re:tell nick:nobody",
                                            "tell from:alice to:alice id:4 'self'"));
    EXPECT_THAT(bob.briefs(), ElementsAre("tell from:alice to:bob id:1 'psst'"));
    EXPECT_THAT(old.lines(), ElementsAre("alice: (private) hm"));
}

TEST(Hub, HistoryComesInPagesFromTheNewestBackwards) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (int i = 1; i <= 5; ++i) say(alice, "lobby", std::to_string(i), "t" + std::to_string(i));
    bench.settle();
    alice.take();
    alice.send(v2("history room:lobby limit:2") + v2("history room:lobby before:4 limit:2") +
               v2("history room:lobby before:2") + v2("history room:lobby before:1") +
               v2("history room:lobby before:99 limit:0") + v2("history room:a"));
    bench.settle();
    const auto frames = alice.frames();
    EXPECT_THAT(
        brief(frames),
        ElementsAre("page room:lobby first:4 last:5 more:1",
                    "page room:lobby first:2 last:3 more:1", "page room:lobby first:1 last:1",
                    "page room:lobby first:0 last:0", "page room:lobby first:5 last:5 more:1",
                    "error room:a code:not-in-room re:history"));
    EXPECT_THAT(brief(framesOf(frames[1].body)),
                ElementsAre("msg room:lobby seq:2 from:alice id:2 't2'",
                            "msg room:lobby seq:3 from:alice id:3 't3'"));
}

TEST(Hub, LongTextsMakeAPageOfHistoryShorterAtItsOldEnd) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    for (int i = 1; i <= 6; ++i) {
        say(alice, "lobby", std::to_string(i), std::string(limits::kTextBytesMax, 'x'));
        bench.settle();
    }
    alice.take();
    uint64_t before = 7;
    while (before > 1) {
        alice.send(v2("history room:lobby before:" + std::to_string(before)));
        bench.settle();
        const auto frames = alice.frames();
        ASSERT_EQ(frames.size(), 1u);
        EXPECT_LE(frames[0].body.size(), limits::kFrameBytesMax);
        EXPECT_EQ(frames[0].number("last"), before - 1);
        EXPECT_EQ(frames[0].number("more"), frames[0].number("first") > 1 ? 1u : 0u);
        before = frames[0].number("first");
    }
}

TEST(Hub, WhoComesInPages) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"a"});
    for (size_t i = 0; i < limits::kWhoMembersMax + 5; ++i) {
        bench.connect().send(v2("netchat/2 nick:n" + std::to_string(i)));
    }
    bench.settle();
    alice.send(v2("who"));
    bench.settle();
    const auto first = alice.frames();
    ASSERT_EQ(brief(first), std::vector<std::string>{"roster members:1006 more:1"});
    const auto lines = linesOf(first[0].body);
    EXPECT_EQ(lines.size(), limits::kWhoMembersMax);
    alice.send(v2("who after:" + lines.back().at("user")) + v2("who room:a") +
               v2("who room:nowhere"));
    bench.settle();
    const auto rest = alice.frames();
    EXPECT_THAT(brief(rest), ElementsAre("roster members:1006", "roster room:a members:1",
                                         "error room:nowhere code:bad-room re:who"));
    EXPECT_EQ(linesOf(rest[0].body).size(), 6u);
}

TEST(Hub, RoomsAreListedTheMostVisitedFirst) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"b", "a"});
    bench.v2User("bob", {"b"});
    bench.v2User("carol", {"c"}).send(v2("leave room:c"));
    say(alice, "a", "1", "x");
    bench.settle();
    alice.take();
    alice.send(v2("rooms"));
    bench.settle();
    const auto frames = alice.frames();
    EXPECT_THAT(brief(frames), ElementsAre("room-list count:2"));
    const auto lines = linesOf(frames[0].body);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].at("room"), "b");
    EXPECT_EQ(lines[0].at("members"), "2");
    EXPECT_EQ(lines[1].at("room"), "a");
    EXPECT_EQ(lines[1].at("seq"), "1");
}

// As after a restart: the log knows rooms in which nobody has been since.
TEST(Hub, RoomsOfTheLogAreListedThoughNobodyIsThere) {
    Bench bench;
    store::Entry entry;
    entry.text = "before";
    const store::Draft drafts[] = {{"a", entry}, {"z", entry}};
    ASSERT_TRUE(bench.log.append(drafts));
    Peer& alice = bench.v2User("alice", {"m"});
    alice.send(v2("rooms") + v2("who room:a") + v2("who room:nowhere"));
    bench.settle();
    const auto frames = alice.frames();
    EXPECT_THAT(brief(frames), ElementsAre("room-list count:3", "roster room:a members:0",
                                           "error room:nowhere code:bad-room re:who"));
    const auto lines = linesOf(frames[0].body);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0].at("room"), "m");
    EXPECT_EQ(lines[1].at("room"), "a");
    EXPECT_EQ(lines[1].count("members"), 0u) << "nobody";
    EXPECT_EQ(lines[1].at("seq"), "1");
    EXPECT_EQ(lines[2].at("room"), "z");
}

TEST(Hub, AUserWhoConnectsAgainReplacesItsOldConnection) {
    Bench bench;
    Peer& first = bench.connect();
    first.send(v2("netchat/2 nick:alice") + v2("join room:lobby"));
    Peer& bob = bench.v2User("bob");
    const Frame welcome = framesOf(first.transport.received).at(0);
    Peer& second = bench.connect();
    second.send(v2("netchat/2 nick:alice session:" + welcome["session"]));
    bench.settle();
    const auto frames = second.frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0]["user"], welcome["user"]);
    EXPECT_THAT(first.briefs(), ElementsAre("error code:bad-state"));
    EXPECT_TRUE(first.transport.writeEnded);
    EXPECT_THAT(bob.briefs(), ElementsAre("presence room:lobby state:left nick:alice"));
    first.end();
    bench.settle();
    EXPECT_TRUE(first.gone());
    EXPECT_FALSE(second.gone());
}

// The upload that the connection before still holds is given back first.
TEST(Hub, AnOfferWaitsUntilTheConnectionThatWasReplacedIsGone) {
    const std::string bytes = "0123456789", offer = "offer room:lobby id:1 name:f size:10 sha256:";
    Bench bench({2});
    Peer& first = bench.connect(0);
    first.send(v2("netchat/2 nick:alice") + v2("join room:lobby") + v2(offer + sha256Of(bytes)));
    bench.settle();
    const Frame welcome = first.frames().at(0);
    first.send(v2("data transfer:1 off:0", "0123"));
    Peer& second = bench.connect(1);
    second.send(v2("netchat/2 nick:alice session:" + welcome["session"]) + v2("join room:lobby") +
                v2(offer + sha256Of(bytes)));
    bench.submit(1);
    bench.runHub();
    bench.apply(1);
    bench.flush(1);
    EXPECT_THAT(second.briefs(),
                ElementsAre(HasSubstr("welcome"), "joined room:lobby seq:0 members:1"));
    bench.settle();
    EXPECT_THAT(second.briefs(), ElementsAre("accept id:1 at:4 transfer:1"));
    second.send(v2("data transfer:1 off:4", "456789"));
    bench.settle();
    EXPECT_EQ(bench.files.files.at(sha256Of(bytes)), bytes);
    // Nothing is held back afterwards.
    second.send(v2("offer room:lobby id:2 name:f size:10 sha256:" + sha256Of(bytes)));
    bench.settle();
    EXPECT_THAT(second.briefs(), Contains("accept id:2 at:10 transfer:2"));
}

TEST(Hub, WhatWaitsForAReplacedConnectionEndsWithTheOneThatAsked) {
    const std::string offer = "offer room:lobby id:1 name:f size:10 sha256:" + std::string(64, 'a');
    Bench bench({2});
    Peer& first = bench.connect(0);
    first.send(v2("netchat/2 nick:alice"));
    bench.settle();
    const std::string hello = "netchat/2 nick:alice session:" + first.frames().at(0)["session"];
    for (int i = 0; i < 2; ++i) {
        bench.connect(1).send(v2(hello) + v2("join room:lobby") + v2(offer));
        bench.submit(1);
        bench.runHub();
    }
    bench.settle();
    EXPECT_EQ(bench.files.uploads(), 1u);
    EXPECT_THAT(bench.peers[1]->briefs(), Not(Contains(HasSubstr("accept"))));
    EXPECT_THAT(bench.peers[2]->briefs(), Contains("accept id:1 at:0 transfer:1"));
}

TEST(Hub, EverybodyMayComeBackAndSayWhatHasNotComeBack) {
    Bench bench;
    Peer& first = bench.connect();
    first.send(v2("netchat/2 nick:alice") + v2("join room:lobby") +
               v2("say room:lobby id:1", "one"));
    bench.settle();
    const Frame welcome = first.frames().at(0);
    first.end("reset");
    bench.settle();
    EXPECT_TRUE(first.gone());
    Peer& second = bench.connect();
    second.send(v2("netchat/2 nick:alice session:" + welcome["session"]) +
                v2("join room:lobby since:0") + v2("say room:lobby id:1", "one") +
                v2("say room:lobby id:2", "two"));
    bench.settle();
    EXPECT_EQ(bench.log.said["lobby"].size(), 2u);
    size_t again = 0;
    for (const Frame& frame : second.frames()) again += frame["again"] == "1";
    EXPECT_EQ(again, 1u);
}

TEST(Hub, WhatWasTakenIsNotRefusedToWhoHasLeftTheRoom) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    say(alice, "lobby", "1", "taken");
    alice.send(v2("leave room:lobby"));
    bench.settle();
    alice.briefs();
    alice.send(v2("say room:lobby id:1", "taken") + v2("say room:lobby id:2", "new"));
    bench.settle();
    EXPECT_THAT(alice.briefs(),
                ElementsAre(AllOf(HasSubstr("msg "), HasSubstr("seq:1"), HasSubstr("again:1")),
                            AllOf(HasSubstr("error "), HasSubstr("id:2"))));
}

TEST(Hub, AResumeThatIsRefusedLeavesTheEarlierConnectionAlone) {
    Bench bench;
    Peer& alice = bench.connect();
    alice.send(v2("netchat/2 nick:alice") + v2("join room:lobby"));
    bench.settle();
    const std::string secret = alice.frames().at(0)["session"];
    bench.v2User("bob");
    Peer& again = bench.connect();
    again.send(v2("netchat/2 nick:bob session:" + secret));
    bench.settle();
    EXPECT_THAT(again.briefs(), ElementsAre(HasSubstr("code:nick-in-use")));
    say(alice, "lobby", "1", "still here");
    bench.settle();
    EXPECT_THAT(alice.briefs(), Contains(HasSubstr("'still here'")));
}

}  // namespace
}  // namespace netchat::serve::testing

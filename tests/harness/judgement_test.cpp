// The checker's words and counts, and the first and the last place at which something is owed.

#include <gmock/gmock.h>

#include <string>

#include "tests/harness/judgement.h"

namespace netchat::harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// ---- counts

TEST_F(Judgement, CountsWhatItHasLookedAt) {
    saidAndSeen(alice, 1, 1), saidAndSeen(alice, 2, 2), saidAndSeen(bob, 3, 3);
    const Verdict verdict = judged();
    const auto checked = [&](Property property) { return verdict[property].checked; };
    EXPECT_EQ(checked(Property::Lost), 6U);
    EXPECT_EQ(checked(Property::Acknowledged), 3U);
    EXPECT_EQ(checked(Property::Corrupted), 9U);
    EXPECT_EQ(checked(Property::Unexpected), 9U);
    EXPECT_EQ(checked(Property::Duplicated), 9U);
    EXPECT_EQ(checked(Property::SenderOrder), 9U);
    EXPECT_EQ(checked(Property::TotalOrder), 6U);
    EXPECT_EQ(checked(Property::Connections), 3U);
    EXPECT_EQ(checked(Property::Temporaries), 3U);
    for (const Property none :
         {Property::Files, Property::Liveness, Property::Resumes, Property::Survived}) {
        EXPECT_EQ(checked(none), 0U) << propertyName(none);
    }
}

TEST_F(Judgement, MeasuresFromTheIntendedTimeOfSending) {
    // The story's clock goes on by one with each record, and once more before a message is said.
    saidAndSeen(alice, 1, 1);
    story.add({.seq = 1,
               .bot = story.member(),
               .sender = alice,
               .number = 1,
               .room = 0,
               .kind = Kind::Received,
               .history = true});
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.latency.count, 3U);
    EXPECT_EQ(verdict.latency.p50, 3);
    EXPECT_EQ(verdict.latency.p99, 3);
    EXPECT_EQ(verdict.latency.max, 4);
    EXPECT_EQ(verdict.spanNs, 4);
}

TEST_F(Judgement, WhatHasNoIntendedTimeHasNoLatency) {
    story.add({.bot = alice, .number = 1, .room = 0, .kind = Kind::Sent});
    seenByAll(alice, 1, 1);
    saidAndSeen(alice, 2, 2);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.latency.count, 3U);
    // From the first one's saying: eight records, and the second's intended time.
    EXPECT_EQ(verdict.spanNs, 8);
}

TEST_F(Judgement, ProbesAreNoPartOfTheSpan) {
    story.says(alice, kFirstProbe);
    seenByAll(alice, kFirstProbe, 1);
    saidAndSeen(alice, 2, 2);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.latency.count, 3U);
    EXPECT_EQ(verdict.spanNs, 4);
}

TEST_F(Judgement, CountsFilesThatAreOwedAndThatCame) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    story.seesFile(carol, alice, Kind::FileReceived);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.filesOwed, 2U);
    EXPECT_EQ(verdict.filesDelivered, 1U);
    EXPECT_EQ(verdict.fileBytes, 10U);
    EXPECT_EQ(verdict[Property::Files].checked, 3U);
    EXPECT_EQ(verdict.owed, 3U);
}

// ---- doubts

// Nothing is owed by a run that may still go on.
TEST_F(Judgement, SaysWhyARunProvesNothing) {
    saidAndSeen(alice, 1, 1);
    const std::string noneOwed = "no message reached anyone who was owed it";
    EXPECT_THAT(check(story.journal()).doubts,
                ElementsAre("the run did not finish: its journal has no end", noneOwed));
    EXPECT_THAT(judged("timeout").doubts, ElementsAre("the run did not finish: timeout", noneOwed));
}

TEST_F(Judgement, SaysWhatARunLacks) {
    saidAndSeen(alice, 1, 1);
    ++story.journal().info.messages;
    story.bot();
    story.asks(story.bot());
    EXPECT_THAT(judged().doubts, ElementsAre("only 1 of 2 messages were said",
                                             "2 of 5 bots were never seen to be there"));
}

TEST_F(Judgement, SaysThatNothingCame) {
    EXPECT_THAT(judged().doubts, ElementsAre("no message reached anyone who was owed it"));
}

TEST_F(Judgement, SaysThatNoFileCame) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    EXPECT_THAT(judged().doubts, ElementsAre("no file reached anyone who was owed it"));
}

TEST_F(Judgement, AFaultIsWorseThanADoubt) {
    saidAndSeen(alice, 1, 1);
    ++story.journal().info.messages;
    story.does(bob, Kind::Gap);
    EXPECT_EQ(judged().outcome, Outcome::Fail);
}

// ---- messages

TEST_F(Judgement, FindsAMessageThatIsSeenBeforeItIsSaid) {
    story.sees(bob, alice, 1, 1);
    saidAndSeen(alice, 1, 1);
    EXPECT_THAT(judgedTexts(), ElementsAre("unexpected: room lobby: message 1 of bot0 at bot1: "
                                           "it is seen before it is said"));
}

TEST_F(Judgement, SaysWhatIsUnexpected) {
    saidAndSeen(alice, 1, 1);
    story.sees(bob, alice, 77, 4);
    story.comes(bob, 1);
    story.sees(bob, alice, 1, 1, 1);
    story.says(carol, 5);
    seenByAll(carol, 5, 2);
    story.sees(carol, carol, 5, 0);
    story.does(bob, Kind::Stranger, kUnknown, "hello");
    EXPECT_THAT(judgedTexts(),
                ElementsAre("unexpected: room lobby: message 77 of bot0 at bot1: nobody sent it",
                            "unexpected: room other: message 1 of bot0 at bot1: it was said in the "
                            "room lobby",
                            "unexpected: room lobby: bot1: a message that nobody sent: \"hello\"",
                            "unexpected: room lobby: message 5 of bot2 at bot2: classic users do "
                            "not get back what they say"));
}

TEST_F(Judgement, SaysWhatIsCorrupted) {
    saidAndSeen(alice, 1, 1);
    story.add({.bot = carol, .sender = alice, .room = 0, .kind = Kind::Corrupted});
    story.says(alice, 2);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 2, 2);
    story.journal().add(
        {.ns = 99, .bot = carol, .sender = alice, .number = 2, .room = 0, .kind = Kind::Corrupted},
        "hel");
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre(
            "corrupted: room lobby: a message of bot0 at bot2: not as it was said",
            "corrupted: room lobby: message 2 of bot0 at bot2: not as it was said: \"hel\""));
}

TEST_F(Judgement, SaysWhatIsSeenAgain) {
    saidAndSeen(alice, 1, 1), saidAndSeen(alice, 2, 2);
    story.sees(carol, alice, 1, 0);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("duplicated: room lobby: message 1 of bot0 at bot2: seen again"));
}

TEST_F(Judgement, SaysAfterWhatAMessageCame) {
    story.says(alice, 1), story.says(alice, 2), story.says(alice, 3);
    for (const uint32_t who : {alice, bob}) {
        story.sees(who, alice, 3, 1), story.sees(who, alice, 1, 2), story.sees(who, alice, 2, 3);
    }
    // Whoever comes after the newest is late, not only whoever comes after the last.
    EXPECT_THAT(judgedTexts("timeout"),
                ElementsAre("sender-order: room lobby: message 1 of bot0 at bot0: seen after "
                            "message 3 of bot0",
                            "sender-order: room lobby: message 2 of bot0 at bot0: seen after "
                            "message 3 of bot0",
                            "sender-order: room lobby: message 1 of bot0 at bot1: seen after "
                            "message 3 of bot0",
                            "sender-order: room lobby: message 2 of bot0 at bot1: seen after "
                            "message 3 of bot0"));
}

// What is late is late after the newest of all, not after the first.
TEST_F(Judgement, SaysThatAMessageCameAfterANewerOneThatWasInOrder) {
    story.says(alice, 1), story.says(alice, 2), story.says(alice, 3);
    for (const uint32_t who : {alice, bob}) {
        story.sees(who, alice, 1, 1), story.sees(who, alice, 3, 2), story.sees(who, alice, 2, 3);
    }
    EXPECT_THAT(judgedTexts("timeout"),
                ElementsAre("sender-order: room lobby: message 2 of bot0 at bot0: seen after "
                            "message 3 of bot0",
                            "sender-order: room lobby: message 2 of bot0 at bot1: seen after "
                            "message 3 of bot0"));
}

TEST_F(Judgement, SaysWhichNumbersDisagree) {
    story.says(alice, 1), story.says(bob, 2);
    story.sees(alice, alice, 1, 1), story.sees(bob, alice, 1, 2), story.sees(carol, alice, 1, 0);
    story.sees(alice, bob, 2, 2), story.sees(bob, bob, 2, 3), story.sees(carol, bob, 2, 0);
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre("total-order: room lobby: message 1 of bot0 at bot1: has the number 2 here and "
                    "1 for others",
                    "total-order: room lobby: message 2 of bot1 at bot0: has the number 2, and so "
                    "has message 1 of bot0",
                    "total-order: room lobby: message 2 of bot1 at bot1: has the number 3 here and "
                    "2 for others"));
}

TEST_F(Judgement, SaysWhichNumberCameTooLate) {
    story.says(alice, 1), story.says(bob, 2), story.says(alice, 3);
    for (const auto& [number, seq] : {std::pair{1U, 1U}, {2U, 2U}, {3U, 3U}}) {
        const uint32_t sender = number == 2 ? bob : alice;
        story.sees(alice, sender, number, seq), story.sees(carol, sender, number, 0);
    }
    story.sees(bob, bob, 2, 2), story.sees(bob, alice, 1, 1), story.sees(bob, alice, 3, 3);
    EXPECT_THAT(judgedTexts(), ElementsAre("total-order: room lobby: message 1 of bot0 at bot1: "
                                           "number 1 seen after number 2"));
}

TEST_F(Judgement, ShowsFourPlacesOfARingAtMost) {
    Story ring;
    constexpr uint32_t kBots = 6;
    for (uint32_t bot = 0; bot < kBots; ++bot) ring.member(Story::Dialect::Classic);
    for (uint32_t bot = 0; bot < kBots; ++bot) ring.says(bot, 1);
    for (uint32_t bot = 0; bot < kBots; ++bot) {
        for (uint32_t next = 1; next < kBots; ++next) ring.sees(bot, (bot + next) % kBots, 1, 0);
    }
    ring.ends();
    const auto texts = textsOf(check(ring.journal()));
    ASSERT_EQ(texts.size(), 1U);
    const std::string head = "total-order: room lobby: no one order fits all: bot";
    EXPECT_EQ(texts[0].substr(0, head.size()), head);
    size_t shown = 0;
    for (size_t at = 0; (at = texts[0].find(" saw message 1 of bot", at)) != std::string::npos;) {
        ++shown, ++at;
    }
    EXPECT_EQ(shown, 4U) << texts[0];
}

TEST_F(Judgement, ADisagreementIsToldWithItsReceivers) {
    Story four;
    for (int bot = 0; bot < 4; ++bot) four.member(Story::Dialect::Classic);
    four.says(0, 1), four.says(1, 2);
    four.sees(2, 0, 1, 0), four.sees(2, 1, 2, 0);
    four.sees(3, 1, 2, 0), four.sees(3, 0, 1, 0);
    four.sees(0, 1, 2, 0), four.sees(1, 0, 1, 0);
    four.ends();
    const std::string first = "bot2 saw message 1 of bot0 before message 2 of bot1",
                      second = "bot3 saw message 2 of bot1 before message 1 of bot0",
                      head = "total-order: room lobby: no one order fits all: ";
    EXPECT_THAT(
        textsOf(check(four.journal())),
        ElementsAre(testing::AnyOf(head + first + ", " + second, head + second + ", " + first)));
}

// ---- connections

TEST_F(Judgement, AServerThatFailsIsAFault) {
    saidAndSeen(alice, 1, 1);
    story.journal().add({.kind = Kind::ServerFailed}, "it was killed by signal 11");
    EXPECT_THAT(judgedTexts(), ElementsAre("connections: the server: it was killed by signal 11"));
}

TEST_F(Judgement, SaysWhatBecameOfAConnection) {
    saidAndSeen(alice, 1, 1);
    story.add({.seq = 7, .bot = bob, .room = 0, .kind = Kind::Gap});
    story.does(carol, Kind::Lost, kUnknown, "reset by peer");
    story.ends();
    story.does(bob, Kind::Temporary, kUnknown, ".part-17");
    EXPECT_THAT(textsOf(check(story.journal())),
                ElementsAre("lost: room lobby: bot1: the server keeps entries up to 7 no longer",
                            "temporaries: room lobby: bot1: left behind: \".part-17\"",
                            "connections: room lobby: bot2: lost its connection: reset by peer"));
}

// ---- stays

TEST_F(Judgement, OwesNothingThatIsSaidAfterTheEnd) {
    saidAndSeen(alice, 1, 1);
    story.ends();
    story.says(alice, 2);
    const Verdict verdict = check(story.journal());
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 3U);
}

TEST_F(Judgement, NothingIsSaidToWhoIsGone) {
    saidAndSeen(alice, 1, 1);
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2), story.sees(carol, alice, 2, 0);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 0U);
    EXPECT_EQ(verdict.owed, 5U);
}

// Its leaving was never confirmed.
TEST_F(Judgement, OwesWhoIsStillLeavingWhatWasInTheLogBefore) {
    saidAndSeen(alice, 1, 1);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2), story.sees(carol, alice, 2, 0);
    story.does(bob, Kind::Leave);
    story.says(alice, 3);
    story.sees(alice, alice, 3, 3), story.sees(carol, alice, 3, 0);
    const Verdict verdict = judged();
    EXPECT_THAT(textsOf(verdict),
                ElementsAre("lost: room lobby: message 2 of bot0 at bot1: never arrived"));
    EXPECT_EQ(verdict.optional, 1U);
}

// As after a cut: the bot was there all the time.
TEST_F(Judgement, BeingThereAgainForgivesNothing) {
    saidAndSeen(alice, 1, 1);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2), story.sees(carol, alice, 2, 0);
    story.does(bob, Kind::Joined);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("lost: room lobby: message 2 of bot0 at bot1: never arrived"));
}

TEST_F(Judgement, WhoLeavesBeforeItIsThereWasNeverThere) {
    saidAndSeen(alice, 1, 1);
    const uint32_t dave = story.bot();
    story.asks(dave);
    story.does(dave, Kind::Leave), story.does(dave, Kind::Left);
    EXPECT_THAT(judged().doubts, ElementsAre("1 of 4 bots were never seen to be there"));
}

TEST_F(Judgement, TheFurthestThatAClosedConnectionGotCounts) {
    saidAndSeen(alice, 1, 1);
    for (uint32_t number = 2; number <= 4; ++number) story.says(bob, number);
    for (uint32_t number = 2; number <= 4; ++number) {
        for (const uint32_t who : {alice, bob}) story.sees(who, bob, number, number);
    }
    story.sees(carol, bob, 4, 0), story.sees(carol, bob, 2, 0);
    story.does(carol, Kind::Closed);
    EXPECT_THAT(judgedTexts(),
                UnorderedElementsAre("sender-order: room lobby: message 2 of bot1 at bot2: seen "
                                     "after message 4 of bot1",
                                     "total-order: room lobby: message 2 of bot1 at bot2: number 2 "
                                     "seen after number 4",
                                     "lost: room lobby: message 3 of bot1 at bot2: never arrived"));
}

TEST_F(Judgement, OneStayIsNotJudgedByWhatAnotherGot) {
    saidAndSeen(alice, 1, 1);
    story.says(alice, 2);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 2, 2);
    story.does(carol, Kind::Closed);
    story.comes(carol);
    saidAndSeen(alice, 3, 3);
    const Verdict verdict = judged();
    EXPECT_THAT(textsOf(verdict), IsEmpty());
    EXPECT_EQ(verdict.optional, 2U);
    EXPECT_EQ(verdict.optionalDelivered, 1U);
}

// ---- files

TEST_F(Judgement, SaysWhatIsWrongWithAFile) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    for (const uint32_t who : {alice, bob, carol, carol}) {
        story.seesFile(who, alice, Kind::FileReceived);
    }
    story.does(bob, Kind::FileFailed, 0, "bad-hash");
    story.does(bob, Kind::FileCorrupted, 0, "its length");
    story.does(bob, Kind::StrayFile, kUnknown, "other.bin");
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre("files: room lobby: bot0: the file f.bin came back to its sender",
                    "files: room lobby: bot1: the file f.bin failed: bad-hash",
                    "files: room lobby: bot1: the file f.bin is not what was sent: its length",
                    "unexpected: room lobby: bot1: a file that nobody sent: \"other.bin\"",
                    "files: room lobby: bot2: the file f.bin arrived again"));
}

TEST_F(Judgement, FindsAFileThatComesBeforeItIsSent) {
    saidAndSeen(alice, 1, 1);
    story.journal().files.push_back({"f.bin", std::string(64, 'a'), 10, alice, 0});
    story.seesFile(carol, alice, Kind::FileReceived);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("files: room lobby: bot2: the file f.bin was not sent yet"));
}

TEST_F(Judgement, FindsAFileThatCameThoughItWasRefused) {
    saidAndSeen(alice, 1, 1);
    story.fileFrom(alice);
    story.does(alice, Kind::UploadRefused, 0, "no-room");
    story.seesFile(carol, alice, Kind::FileReceived);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("files: room lobby: bot2: the file f.bin had been refused"));
}

TEST_F(Judgement, FindsAFileAtWhoWasNeverInItsRoom) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    const uint32_t dave = story.bot();
    story.comes(dave, 1);
    story.seesFile(dave, alice, Kind::FileReceived);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("files: room lobby: bot3: the file f.bin was for the room lobby"));
}

TEST_F(Judgement, FindsAFileWithoutAnAnnouncement) {
    saidAndSeen(alice, 1, 1);
    story.fileFrom(alice);
    story.seesFile(alice, alice, Kind::Uploaded);
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre("files: room lobby: the file f.bin at bot0: never came into the log",
                    "files: room lobby: the file f.bin at bot1: arrived without an announcement"));
}

TEST_F(Judgement, SaysHowFarAFileCame) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre("files: room lobby: the file f.bin at bot1: announced and never arrived",
                    "files: room lobby: the file f.bin at bot2: never arrived"));
}

TEST_F(Judgement, AnnouncingAFileTwiceIsADuplicate) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    story.seesFile(bob, alice, Kind::Announced, 2);
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    EXPECT_THAT(judgedTexts(),
                ElementsAre("duplicated: room lobby: the file f.bin at bot1: seen again"));
}

}  // namespace
}  // namespace netchat::harness

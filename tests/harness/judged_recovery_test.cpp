// The words and counts of what is judged of runs with faults, and their exact bounds.

#include <gmock/gmock.h>

#include <string>

#include "protocol/limits.h"
#include "tests/harness/judgement.h"

namespace netchat::harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct JudgedRecovery : Judgement {
    JudgedRecovery() {
        story.journal().info.faults = "cut 1";
        story.journal().info.settleMs = 1;
    }
    void inLog(uint32_t sender, uint32_t number, uint64_t seq) {
        story.add({.seq = seq, .sender = sender, .number = number, .room = 0, .kind = Kind::InLog});
    }
    void happens(Kind kind) { story.add({.kind = kind}); }
};

TEST_F(JudgedRecovery, CountsWhatTheRunWentThrough) {
    saidAndSeen(alice, 1, 1);
    story.journal().add({.kind = Kind::Fault}, "cut up after 7 bytes");
    story.journal().add({.kind = Kind::Fault}, "cut down after 9 bytes");
    story.journal().add({.kind = Kind::Fault}, "kill-server");
    story.does(bob, Kind::Cut, kUnknown, "lost");
    story.add({.seq = 2, .bot = bob, .kind = Kind::Back});
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    saidAndSeen(alice, 2, 2);
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    story.add({.bot = carol, .kind = Kind::BotKilled});
    story.add({.seq = 3, .bot = carol, .kind = Kind::BotBack});
    happens(Kind::FaultsOver);
    inLog(alice, 1, 1), inLog(alice, 2, 2);
    const Verdict verdict = judged();
    EXPECT_THAT(textsOf(verdict), IsEmpty());
    const Hardships& hard = verdict.hardships;
    EXPECT_THAT(hard.faults, ElementsAre(testing::Pair("cut", 2), testing::Pair("kill-server", 1)));
    EXPECT_EQ(hard.cuts, 1U);
    EXPECT_EQ(hard.returns, 2U);
    EXPECT_EQ(hard.saidAgain, 5U);
    EXPECT_EQ(hard.serverKills, 2U);
    EXPECT_EQ(hard.botKills, 1U);
    EXPECT_THAT(hard.acknowledged, ElementsAre(1, 2));
    EXPECT_EQ(hard.killsAmidFiles, 0U);
    // Each of the two messages at each of its three receivers, and in the log.
    EXPECT_EQ(verdict[Property::Survived].checked, 8U);
    EXPECT_EQ(verdict[Property::TotalOrder].checked, 3U + 2U);
}

TEST_F(JudgedRecovery, WhatIsAcknowledgedBeforeAKillNeedNotBeWhatWasSaidFirst) {
    story.says(alice, 1), story.says(bob, 2), story.says(bob, 3);
    seenByAll(bob, 2, 1);
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    seenByAll(alice, 1, 2), seenByAll(bob, 3, 3);
    happens(Kind::FaultsOver);
    inLog(bob, 2, 1), inLog(alice, 1, 2), inLog(bob, 3, 3);
    EXPECT_THAT(judged().hardships.acknowledged, ElementsAre(1));
}

TEST_F(JudgedRecovery, CountsKillsWhileFilesAreOnTheirWay) {
    saidAndSeen(alice, 1, 1);
    const auto killsAmid = [&] {
        story.add({.bot = carol, .kind = Kind::BotKilled});
        return check(story.journal()).hardships.killsAmidFiles;
    };
    EXPECT_EQ(killsAmid(), 0U);
    story.fileFrom(alice);
    EXPECT_EQ(killsAmid(), 1U);
    story.seesFile(alice, alice, Kind::Uploaded);
    EXPECT_EQ(killsAmid(), 1U);
    story.seesFile(alice, alice, Kind::Announced, 2);
    EXPECT_EQ(killsAmid(), 1U) << "it need not fetch its own";
    story.seesFile(bob, alice, Kind::Announced, 2);
    EXPECT_EQ(killsAmid(), 2U);
    story.seesFile(bob, alice, Kind::FileReceived);
    EXPECT_EQ(killsAmid(), 2U);
    story.does(bob, Kind::Upload, 0);
    happens(Kind::ServerKilled);
    EXPECT_EQ(killsAmid(), 4U);
    story.does(bob, Kind::UploadRefused, 0, "no-room");
    EXPECT_EQ(killsAmid(), 4U);
    story.seesFile(carol, alice, Kind::Announced, 2);
    story.does(carol, Kind::FileFailed, 0, "bad-hash");
    EXPECT_EQ(killsAmid(), 4U);
}

TEST_F(JudgedRecovery, AllArrivesWithinTheTimeToSettleAndNotLater) {
    const auto lateAfter = [&](int skipped) {
        Story one = story;
        one.says(alice, 1);
        one.sees(carol, alice, 1, 0);
        one.add({.kind = Kind::FaultsOver});
        for (int i = 0; i < skipped; ++i) one.skip();
        one.sees(alice, alice, 1, 1);
        one.sees(bob, alice, 1, 1);
        one.ends();
        return check(one.journal());
    };
    const Verdict inTime = lateAfter(999'998);
    EXPECT_THAT(textsOf(inTime), IsEmpty());
    EXPECT_EQ(inTime.hardships.settledNs, 1'000'000);
    EXPECT_EQ(inTime[Property::Liveness].checked, 3U);
    EXPECT_THAT(textsOf(lateAfter(2'999'998)),
                ElementsAre("liveness: room lobby: message 1 of bot0 at bot0: came 2 ms after the "
                            "last fault, later than the time to settle",
                            "liveness: room lobby: message 1 of bot0 at bot1: came 3 ms after the "
                            "last fault, later than the time to settle"));
}

TEST_F(JudgedRecovery, SaysHowManyNumbersNeverCame) {
    saidAndSeen(alice, 1, 1), saidAndSeen(alice, 2, 4);
    happens(Kind::FaultsOver);
    Story withStrangers = story;
    EXPECT_THAT(judgedTexts(),
                ElementsAre("lost: room lobby: message 2 of bot0 at bot0: seen after number 1: 2 "
                            "between them never came",
                            "lost: room lobby: message 2 of bot0 at bot1: seen after number 1: 2 "
                            "between them never came",
                            "lost: room lobby: message 2 of bot0 at bot2: seen after number 1: 2 "
                            "between them never came"));
    withStrangers.journal().info.allowStrangers = true;
    withStrangers.ends();
    EXPECT_THAT(textsOf(check(withStrangers.journal())), IsEmpty());
}

TEST_F(JudgedRecovery, AGapBeforeTheFirstKillIsOnlyALoss) {
    saidAndSeen(alice, 1, 1);
    story.add({.seq = 1, .bot = bob, .room = 0, .kind = Kind::Gap});
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    story.add({.seq = 2, .bot = bob, .room = 0, .kind = Kind::Gap});
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    happens(Kind::FaultsOver);
    inLog(alice, 1, 1);
    EXPECT_THAT(
        judgedTexts(),
        ElementsAre("lost: room lobby: bot1: the server keeps entries up to 1 no longer",
                    "survived: room lobby: bot1: after a kill of the server entries up to 2 "
                    "are gone",
                    "lost: room lobby: bot1: the server keeps entries up to 2 no longer"));
}

TEST_F(JudgedRecovery, SaysWhatBecameOfTheLog) {
    saidAndSeen(alice, 1, 1), saidAndSeen(alice, 2, 2), saidAndSeen(bob, 3, 3);
    story.says(bob, 4);
    story.does(bob, Kind::Refused, 4, "too-long");
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    happens(Kind::FaultsOver);
    saidAndSeen(bob, 5, 6);
    inLog(alice, 1, 1), inLog(bob, 3, 4), inLog(bob, 3, 5);
    const Verdict verdict = judged();
    EXPECT_THAT(
        textsOf(verdict),
        UnorderedElementsAre(
            "lost: room lobby: message 5 of bot1 at bot0: seen after number 3: 2 between them "
            "never "
            "came",
            "lost: room lobby: message 5 of bot1 at bot1: seen after number 3: 2 between them "
            "never "
            "came",
            "lost: room lobby: message 5 of bot1 at bot2: seen after number 3: 2 between them "
            "never "
            "came",
            "total-order: room lobby: in its log number 4 follows number 1",
            "duplicated: room lobby: message 3 of bot1 is in its log at number 4 and at number 5",
            "survived: room lobby: message 2 of bot0 was acknowledged before a kill of the server, "
            "and is not in the log any more",
            "survived: room lobby: message 3 of bot1 was acknowledged before a kill of the server, "
            "and has the number 5 in the log, and had 3"));
}

TEST_F(JudgedRecovery, WithoutAKillTheLogNeedNotBeRead) {
    saidAndSeen(alice, 1, 1);
    happens(Kind::FaultsOver);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict[Property::Survived].checked, 0U);
}

TEST_F(JudgedRecovery, AfterAKillTheLogMustBeRead) {
    saidAndSeen(alice, 1, 1);
    happens(Kind::ServerKilled), happens(Kind::ServerBack);
    happens(Kind::FaultsOver);
    EXPECT_THAT(judged().doubts, ElementsAre("the logs were not read after the kills"));
}

// An entry of nobody in this run, and rooms that count by themselves.
TEST_F(JudgedRecovery, TheLogsOfTwoRoomsHaveTheirOwnNumbers) {
    saidAndSeen(alice, 1, 1), saidAndSeen(alice, 2, 2);
    happens(Kind::FaultsOver);
    inLog(alice, 1, 1);
    story.add({.seq = 8, .room = 1, .kind = Kind::InLog});
    inLog(alice, 2, 2);
    story.add({.seq = 9, .room = 1, .kind = Kind::InLog});
    const Verdict verdict = judged();
    EXPECT_THAT(textsOf(verdict), IsEmpty());
}

TEST_F(JudgedRecovery, SaysHowMuchWasSentAgain) {
    saidAndSeen(alice, 1, 1);
    uploadedAndAnnounced();
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    const uint64_t chunk = limits::kChunkBytesMax;
    const auto again = [&](uint64_t bytes, int64_t cuts) {
        story.journal().add(
            {.due = cuts, .seq = bytes, .bot = bob, .number = 0, .kind = Kind::Resent}, "up");
    };
    again(chunk + 1, 1), again(2 * chunk + 1, 2), again(chunk, 1);
    happens(Kind::FaultsOver);
    const Verdict verdict = judged();
    EXPECT_THAT(
        textsOf(verdict),
        ElementsAre("resumes: bot1: the file f.bin going up: " + std::to_string(chunk + 1) +
                        " bytes were sent again over 1 cut, of which " + std::to_string(chunk) +
                        " are allowed",
                    "resumes: bot1: the file f.bin going up: " + std::to_string(2 * chunk + 1) +
                        " bytes were sent again over 2 cuts, of which " +
                        std::to_string(2 * chunk) + " are allowed"));
    EXPECT_EQ(verdict.hardships.resumes, 4U);
    EXPECT_EQ(verdict.hardships.bytesAgain, 4 * chunk + 2);
    EXPECT_EQ(verdict[Property::Resumes].checked, 3U);
}

TEST_F(JudgedRecovery, WhoStillWaitsAtTheEndWaitsInVainAndWhoWasPassedOverHasLost) {
    saidAndSeen(alice, 1, 1);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2), story.sees(bob, alice, 2, 2);
    happens(Kind::FaultsOver);
    EXPECT_THAT(judgedTexts("unsettled"),
                ElementsAre("liveness: room lobby: message 2 of bot0 at bot2: never arrived"));
}

}  // namespace
}  // namespace netchat::harness

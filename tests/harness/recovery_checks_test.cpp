// Journals of runs with faults, written by hand: each property that they have besides, violated.

#include "harness/judge/recovery_checks.h"

#include <gmock/gmock.h>

#include "harness/judge/checker.h"
#include "harness/run/bot_memory.h"
#include "protocol/limits.h"
#include "tests/harness/journal_builder.h"

namespace netchat::harness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Alice and bob talk over a cut and a kill of the server; the log is read at the end.
struct Faulted : testing::Test {
    Faulted() {
        story.journal().info.faults = "cut 1";
        story.journal().info.settleMs = 1;
        alice = story.member();
        bob = story.member();
    }
    void saysAndAllSee(uint32_t number, uint64_t seq) {
        story.says(alice, number);
        story.sees(alice, alice, number, seq);
        story.sees(bob, alice, number, seq);
    }
    void inLog(uint32_t number, uint64_t seq) {
        story.add({.seq = seq, .sender = alice, .number = number, .room = 0, .kind = Kind::InLog});
    }
    void killsServer() {
        story.add({.kind = Kind::ServerKilled});
        story.add({.kind = Kind::ServerBack});
    }
    void faultsAreOver() { story.add({.kind = Kind::FaultsOver}); }
    void isCut(uint32_t bot) {
        story.does(bot, Kind::Cut, kUnknown, "lost");
        story.add({.bot = bot, .kind = Kind::Back});
    }
    Verdict judged(std::string_view end = "settled") {
        story.ends(end);
        return check(story.journal());
    }
    // The properties that are violated, by name.
    static std::vector<std::string> violated(const Verdict& verdict) {
        std::vector<std::string> names;
        for (size_t i = 0; i < kPropertyCount; ++i) {
            const auto property = static_cast<Property>(i);
            if (verdict[property].violated != 0) names.emplace_back(propertyName(property));
        }
        return names;
    }

    Story story;
    uint32_t alice = 0, bob = 0;
};

TEST_F(Faulted, PassesWhenAllIsThereAgain) {
    saysAndAllSee(1, 1);
    isCut(bob);
    killsServer();
    saysAndAllSee(2, 2);
    faultsAreOver();
    inLog(1, 1), inLog(2, 2);
    const Verdict verdict = judged();
    EXPECT_THAT(violated(verdict), IsEmpty());
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.hardships.cuts, 1U);
    EXPECT_EQ(verdict.hardships.serverKills, 1U);
    EXPECT_THAT(verdict.hardships.acknowledged, ElementsAre(1));
}

TEST_F(Faulted, ACutDoesNotEndAStay) {
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1);
    isCut(bob);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2), story.sees(bob, alice, 2, 2);
    faultsAreOver();
    EXPECT_THAT(violated(judged()), ElementsAre("lost"));
}

TEST_F(Faulted, WhatComesTwiceOverACutIsADuplicate) {
    saysAndAllSee(1, 1);
    isCut(bob);
    story.sees(bob, alice, 1, 1);
    faultsAreOver();
    EXPECT_THAT(violated(judged()), ElementsAre("duplicated"));
}

TEST_F(Faulted, WhatIsInTheLogTwiceIsADuplicate) {
    saysAndAllSee(1, 1);
    story.add({.seq = 1, .bot = alice, .kind = Kind::BotBack});
    faultsAreOver();
    inLog(1, 1), inLog(1, 2);
    EXPECT_THAT(violated(judged()), ElementsAre("duplicated"));
}

TEST_F(Faulted, WhoWaitsInVainAtTheEndMissesLiveness) {
    saysAndAllSee(1, 1);
    story.says(alice, 2);
    story.sees(alice, alice, 2, 2);
    faultsAreOver();
    const Verdict verdict = judged("unsettled");
    EXPECT_THAT(violated(verdict), ElementsAre("liveness"));
    ASSERT_FALSE(verdict.violations.empty());
    EXPECT_THAT(verdict.violations[0].text, HasSubstr("message 2 of bot0 at bot1: never arrived"));
}

TEST_F(Faulted, WhatNeverComesBackToItsSenderMissesLiveness) {
    saysAndAllSee(1, 1);
    story.says(alice, 2);
    faultsAreOver();
    EXPECT_THAT(violated(judged("unsettled")), ElementsAre("liveness"));
}

TEST_F(Faulted, WhatComesAfterTheTimeToSettleIsLate) {
    saysAndAllSee(1, 1);
    story.says(alice, 2);
    faultsAreOver();
    for (int i = 0; i < 1'000'001; ++i) story.skip();
    story.sees(alice, alice, 2, 2), story.sees(bob, alice, 2, 2);
    EXPECT_THAT(violated(judged()), ElementsAre("liveness"));
}

TEST_F(Faulted, AHoleBetweenNumbersIsALoss) {
    saysAndAllSee(1, 1);
    saysAndAllSee(2, 3);
    faultsAreOver();
    EXPECT_THAT(violated(judged()), ElementsAre("lost"));
}

TEST_F(Faulted, AFileThatNeverComesMissesLivenessToo) {
    saysAndAllSee(1, 1);
    story.fileFrom(alice);
    story.seesFile(alice, alice, Kind::Announced, 2);
    story.seesFile(bob, alice, Kind::Announced, 2);
    faultsAreOver();
    EXPECT_THAT(violated(judged("unsettled")), ElementsAre("files", "liveness"));
}

TEST_F(Faulted, WhatTheLogNoLongerHoldsHasNotSurvived) {
    saysAndAllSee(1, 1), saysAndAllSee(2, 2);
    killsServer();
    faultsAreOver();
    inLog(1, 1);
    const Verdict verdict = judged();
    EXPECT_THAT(violated(verdict), ElementsAre("survived"));
    ASSERT_FALSE(verdict.violations.empty());
    EXPECT_THAT(verdict.violations[0].text, HasSubstr("message 2 of bot0 was acknowledged"));
}

TEST_F(Faulted, WhatHasAnotherNumberAfterAKillHasNotSurvived) {
    saysAndAllSee(1, 1);
    killsServer();
    faultsAreOver();
    inLog(1, 2);
    EXPECT_THAT(violated(judged()), ElementsAre("survived"));
}

TEST_F(Faulted, WhatOneSawBeforeAKillAllSeeAfterIt) {
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1);
    killsServer();
    saysAndAllSee(2, 2);
    faultsAreOver();
    inLog(1, 1), inLog(2, 2);
    EXPECT_THAT(violated(judged()), ElementsAre("lost", "survived"));
}

TEST_F(Faulted, AGapAfterAKillHasNotSurvived) {
    saysAndAllSee(1, 1);
    killsServer();
    story.add({.seq = 1, .bot = bob, .room = 0, .kind = Kind::Gap});
    faultsAreOver();
    inLog(1, 1);
    EXPECT_THAT(violated(judged()), ElementsAre("lost", "survived"));
}

TEST_F(Faulted, WithoutAReadLogAKillIsInconclusive) {
    saysAndAllSee(1, 1);
    killsServer();
    faultsAreOver();
    EXPECT_EQ(judged().outcome, Outcome::Inconclusive);
}

TEST_F(Faulted, ALogWithAHoleIsNoOrder) {
    saysAndAllSee(1, 1);
    faultsAreOver();
    inLog(1, 1), inLog(9, 3);
    EXPECT_THAT(violated(judged()), ElementsAre("total-order"));
}

TEST_F(Faulted, ATransferMaySendAWindowAgainForEachCut) {
    saysAndAllSee(1, 1);
    story.journal().files.push_back({"f.bin", std::string(64, 'a'), 10, alice, 0});
    const auto again = [&](uint64_t bytes, int64_t cuts) {
        Story one = story;
        one.add({.due = cuts, .seq = bytes, .bot = bob, .number = 0, .kind = Kind::Resent});
        one.add({.kind = Kind::FaultsOver});
        one.ends();
        return violated(check(one.journal()));
    };
    EXPECT_THAT(again(2 * limits::kChunkBytesMax, 2), IsEmpty());
    EXPECT_THAT(again(2 * limits::kChunkBytesMax + 1, 2), ElementsAre("resumes"));
}

// ---- what a killed bot goes on with

TEST(BotMemory, HoldsWhatHasNotComeBack) {
    BotMemory memory;
    const auto take = [&](Record record, std::string_view id = {}) {
        record.bot = 0;
        record.room = 0;
        memory.take(record, id);
    };
    take({.seq = 4, .kind = Kind::Joined});
    take({.number = 1, .kind = Kind::Sent}, "1");
    take({.number = 2, .kind = Kind::Sent}, "2");
    take({.number = 0, .kind = Kind::Upload}, "3");
    take({.number = 3, .kind = Kind::Sent}, "4");
    take({.number = 3, .kind = Kind::Refused});
    take({.seq = 5, .sender = 0, .number = 1, .kind = Kind::Received});
    take({.seq = 6, .sender = 1, .number = 1, .kind = Kind::Announced});
    memory.secret = "s";
    memory.nick = "n";
    const auto read = BotMemory::read(memory.write());
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(read->write(), memory.write());
    EXPECT_EQ(read->lastId, 4U);
    EXPECT_EQ(read->next, 3U);
    EXPECT_EQ(read->seen.at(0), 6U);
    ASSERT_EQ(read->said.size(), 1U);
    EXPECT_EQ(read->said.at(2).id, "2");
    EXPECT_EQ(read->uploads.at(0), "3");
    EXPECT_TRUE(read->wanted.contains(1));
    memory.take({.bot = 0, .sender = 1, .number = 1, .room = 0, .kind = Kind::FileReceived}, {});
    EXPECT_TRUE(memory.wanted.empty());
}

TEST(BotMemory, RefusesWhatItDidNotWrite) {
    EXPECT_FALSE(BotMemory::read("nonsense 1"));
}

}  // namespace
}  // namespace netchat::harness

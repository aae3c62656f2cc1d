// A wall clock that jumps, with fake clocks.

#include "modes/serve/host/trusted_time.h"

#include <gtest/gtest.h>

namespace netchat::serve {
namespace {

using NewsKind = TrustedTime::News::Kind;

constexpr int64_t kS = 1000, kHour = 3600 * kS, kDay = 24 * kHour;
constexpr int64_t kWall = 1'700'000'000'000, kMachine = 5 * kHour;

// Two clocks that a test moves.
struct Clocks {
    TrustedTime::Moment now{kWall, kMachine};
    TrustedTime::Moment pass(int64_t ms) {
        now.wallMs += ms;
        now.machineMs += ms;
        return now;
    }
    TrustedTime::Moment jump(int64_t ms) {
        now.wallMs += ms;
        return now;
    }
};

TEST(TrustedTime, FollowsAClockThatIsRight) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    EXPECT_EQ(time.at(clocks.pass(3 * kDay)), kWall + 3 * kDay);
    EXPECT_FALSE(time.takeNews());
}

TEST(TrustedTime, FollowsSmallCorrections) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    clocks.jump(-5 * kS);
    EXPECT_EQ(time.at(clocks.now), kWall - 5 * kS);
    EXPECT_FALSE(time.doubts());
}

TEST(TrustedTime, IsNotImpressedByAClockThatIsAheadForTwoSeconds) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    clocks.jump(2 * kDay);
    EXPECT_EQ(time.at(clocks.now), kWall);
    const auto news = time.takeNews();
    ASSERT_TRUE(news);
    EXPECT_EQ(news->kind, NewsKind::Jumped);
    EXPECT_EQ(news->byMs, 2 * kDay);
    EXPECT_FALSE(time.takeNews()) << "told once";
    EXPECT_EQ(time.at(clocks.pass(2 * kS)), kWall + 2 * kS);
    clocks.jump(-2 * kDay);
    EXPECT_EQ(time.at(clocks.now), kWall + 2 * kS);
    EXPECT_EQ(time.takeNews()->kind, NewsKind::Returned);
    EXPECT_FALSE(time.doubts());
}

TEST(TrustedTime, BelievesANewTimeThatHasLastedForAnHour) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    (void)time.at(clocks.jump(2 * kDay));
    (void)time.takeNews();
    EXPECT_EQ(time.at(clocks.pass(kHour - 1)), kWall + kHour - 1);
    EXPECT_FALSE(time.takeNews());
    EXPECT_EQ(time.at(clocks.pass(1)), kWall + 2 * kDay + kHour);
    const auto news = time.takeNews();
    ASSERT_TRUE(news);
    EXPECT_EQ(news->kind, NewsKind::Believed);
    EXPECT_EQ(news->byMs, 2 * kDay);
    EXPECT_EQ(news->sinceMs, kWall);
}

TEST(TrustedTime, AClockThatWasSetBackIsDoubtedAsWell) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    clocks.jump(-kDay);
    EXPECT_EQ(time.at(clocks.pass(kS)), kWall + kS);
    EXPECT_EQ(time.at(clocks.pass(kHour)), kWall - kDay + kS + kHour);
}

TEST(TrustedTime, AnotherJumpBeginsAnotherHour) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    (void)time.at(clocks.jump(2 * kDay));
    (void)time.at(clocks.pass(kHour - kS));
    (void)time.at(clocks.jump(kDay));
    EXPECT_EQ(time.at(clocks.pass(kHour - kS)), kWall + 2 * (kHour - kS));
    EXPECT_EQ(time.at(clocks.pass(kS)), kWall + 3 * kDay + 2 * kHour - kS);
    EXPECT_EQ(time.takeNews()->sinceMs, kWall) << "in doubt since the first";
}

// ---- over a restart

TEST(TrustedTime, ARestartOfTheProcessGoesOnByTheMachinesClock) {
    Clocks clocks;
    const TrustedTime before(clocks.now);
    const auto kept = before.keep(clocks.now);
    clocks.pass(3 * kDay);
    TrustedTime after(kept, clocks.now);
    EXPECT_FALSE(after.doubts()) << "three days have passed";
    EXPECT_EQ(after.at(clocks.now), kWall + 3 * kDay);
    clocks.jump(2 * kDay);
    TrustedTime fooled(kept, clocks.now);
    EXPECT_TRUE(fooled.doubts());
    EXPECT_EQ(fooled.at(clocks.now), kWall + 3 * kDay);
}

TEST(TrustedTime, AfterANewStartOfTheMachineMuchMoreTimeIsDoubtedForAnHour) {
    Clocks clocks;
    const auto kept = TrustedTime(clocks.now).keep(clocks.now);
    clocks.now = {kWall + 2 * kDay, 60 * kS};
    TrustedTime after(kept, clocks.now);
    EXPECT_EQ(after.at(clocks.now), kWall + 60 * kS);
    EXPECT_EQ(after.takeNews()->kind, NewsKind::Jumped);
    EXPECT_EQ(after.at(clocks.pass(kHour)), kWall + 2 * kDay + kHour);
}

TEST(TrustedTime, AfterANewStartOfTheMachineAFewMinutesAreBelieved) {
    Clocks clocks;
    const auto kept = TrustedTime(clocks.now).keep(clocks.now);
    clocks.now = {kWall + 10 * 60 * kS, 60 * kS};
    TrustedTime after(kept, clocks.now);
    EXPECT_FALSE(after.doubts());
    EXPECT_EQ(after.at(clocks.now), kWall + 10 * 60 * kS);
}

TEST(TrustedTime, AClockThatIsRightAgainAtTheStartIsNoJump) {
    Clocks clocks;
    TrustedTime time(clocks.now);
    (void)time.at(clocks.jump(2 * kDay));
    const auto kept = time.keep(clocks.now);
    clocks.jump(-2 * kDay);
    TrustedTime after(kept, clocks.pass(60 * kS));
    EXPECT_FALSE(after.doubts());
    EXPECT_EQ(after.takeNews()->kind, NewsKind::Returned);
    EXPECT_EQ(after.at(clocks.now), kWall + 60 * kS);
    EXPECT_FALSE(after.takeNews());
}

TEST(TrustedTime, AMachineWithoutAClockOfItsOwnGoesOnFromWhereItWas) {
    Clocks clocks;
    const auto kept = TrustedTime(clocks.now).keep(clocks.now);
    clocks.now = {0, 60 * kS};  // 1970
    TrustedTime after(kept, clocks.now);
    EXPECT_EQ(after.at(clocks.now), kWall + 60 * kS);
    // Its time server sets it a minute later.
    clocks.now = {kWall + 2 * 60 * kS, 120 * kS};
    EXPECT_EQ(after.at(clocks.now), kWall + 120 * kS);
    EXPECT_FALSE(after.doubts());
}

TEST(TrustedTime, WhatWasInDoubtStaysSoOverARestart) {
    Clocks clocks;
    TrustedTime before(clocks.now);
    (void)before.at(clocks.jump(20 * 60 * kS));
    ASSERT_TRUE(before.doubts());
    TrustedTime after(before.keep(clocks.now), clocks.now);
    EXPECT_TRUE(after.doubts());
    (void)after.at(clocks.pass(kHour));
    (void)after.takeNews();
    EXPECT_FALSE(after.doubts());
}

}  // namespace
}  // namespace netchat::serve

// The server while its wall clock jumps: what lasts for a time goes on by the elapsed one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "modes/net/clock.h"
#include "modes/net/machine_clock.h"
#include "modes/serve/host/time_keeper.h"
#include "protocol/time_text.h"
#include "tests/serve/bench.h"
#include "tests/support/temp_folder.h"

namespace netchat::serve::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;

class ClockTest : public ::testing::Test {
  protected:
    ClockTest() { bob = &bench.v2User("bob"); }
    void order(AdminAction act, const std::string& target, int64_t forMs) {
        CommandBatch batch;
        batch.commands.push_back(AdminRequest{
            1, 0, std::make_shared<const AdminCommand>(AdminCommand{act, target, {}, forMs})});
        bench.submitBatch(std::move(batch));
        bench.settle();
        bob->take();
    }
    std::string saying() {
        bob->send(v2("say room:lobby id:" + std::to_string(++lastId), "hello"));
        bench.settle();
        const auto frames = bob->frames();
        return frames.empty() ? std::string() : frames.back().verb + frames.back()["code"];
    }
    Bench bench;
    Peer* bob;
    int lastId = 0;
};

TEST_F(ClockTest, AMuteDoesNotEndWhenTheWallClockJumps) {
    order(AdminAction::Mute, "bob", 10 * kMinute);
    bench.wallAheadMs = 2 * kDay;
    EXPECT_EQ(saying(), "errormuted");
    bench.wallAheadMs = 0;
    bench.pass(9 * kMinute);
    EXPECT_EQ(saying(), "errormuted");
    bench.pass(kMinute);
    EXPECT_EQ(saying(), "msg");
}

TEST_F(ClockTest, EntriesHaveTheWallClocksTime) {
    bench.wallAheadMs = 2 * kDay;
    bob->send(v2("say room:lobby id:1", "hello"));
    bench.settle();
    EXPECT_EQ(bob->frames().back()["time"], isoTime(Bench::kWallMs + 2 * kDay).str());
}

TEST_F(ClockTest, WhatWasRuledInDoubtLastsForAsLongAsWasSaidWhenTheNewTimeIsBelieved) {
    order(AdminAction::Mute, "bob", 3 * kDay);
    bench.hub.timeBelieved(Bench::kWallMs, 2 * kDay);
    bench.pass(2 * kDay);  // the trusted time goes there at once
    bench.pass(2 * kDay);
    EXPECT_EQ(saying(), "errormuted");
    bench.pass(kDay);
    EXPECT_EQ(saying(), "msg");
}

TEST_F(ClockTest, WhatWasRuledBeforeEndsByTheNewTimeOnceItIsBelieved) {
    order(AdminAction::Mute, "bob", 3 * kDay);
    bench.pass(kHour);
    bench.hub.timeBelieved(Bench::kWallMs + kHour, 2 * kDay);
    bench.pass(3 * kDay);
    EXPECT_EQ(saying(), "msg");
}

// ---- with the machine's clocks

class TimeKeeperTest : public ::testing::Test {
  protected:
    void keep(int64_t trustedMs, int64_t machineMs) {
        std::ofstream(folder / "clock")
            << "netchat-time 1 " << trustedMs << " " << machineMs << " 0\n";
    }
    test::TempFolder folder;
    FakeLog log;
};

TEST_F(TimeKeeperTest, WithoutAFolderTheClockIsRight) {
    const TimeKeeper keeper({}, log);
    EXPECT_LT(std::abs(keeper.trustedMs() - net::wallMs()), 1000);
    EXPECT_THAT(log.notices, IsEmpty());
}

TEST_F(TimeKeeperTest, GoesOnFromWhereTheServerWasAndSaysSo) {
    keep(net::wallMs() - 2 * kDay, net::machineMs());
    TimeKeeper keeper(folder.path(), log);
    EXPECT_LT(std::abs(keeper.trustedMs() - (net::wallMs() - 2 * kDay)), 1000);
    EXPECT_TRUE(log.says("the clock has jumped 2d ahead"));
    const auto turn = keeper.turn();
    EXPECT_LT(std::abs(turn.wallMs - turn.trustedMs - 2 * kDay), 1000);
    EXPECT_FALSE(turn.believed);
    EXPECT_EQ(log.notices.size(), 1u) << "said once";
}

TEST_F(TimeKeeperTest, APlainRestartIsNoNews) {
    { const TimeKeeper before(folder.path(), log); }
    EXPECT_TRUE(std::filesystem::exists(folder / "clock"));
    TimeKeeper after(folder.path(), log);
    (void)after.turn();
    EXPECT_THAT(log.notices, IsEmpty());
}

TEST_F(TimeKeeperTest, WhatWasInDoubtIsKept) {
    keep(net::wallMs() - 2 * kDay, net::machineMs());
    { const TimeKeeper before(folder.path(), log); }
    const TimeKeeper after(folder.path(), log);
    EXPECT_LT(std::abs(after.trustedMs() - (net::wallMs() - 2 * kDay)), 1000);
}

TEST_F(TimeKeeperTest, AFolderOfAnEarlierVersionIsAsOldAsItsLog) {
    const auto file = folder / "log.sqlite";
    std::ofstream(file) << "x";
    std::filesystem::last_write_time(
        file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(50));
    const TimeKeeper keeper(folder.path(), log);
    EXPECT_LT(std::abs(keeper.trustedMs() - (net::wallMs() - 50 * kHour)), 2000);
}

TEST_F(TimeKeeperTest, AFileThatIsNotReadableIsNoReasonNotToStart) {
    std::ofstream(folder / "clock") << "what is this?";
    const TimeKeeper keeper(folder.path(), log);
    EXPECT_LT(std::abs(keeper.trustedMs() - net::wallMs()), 1000);
}

}  // namespace
}  // namespace netchat::serve::testing

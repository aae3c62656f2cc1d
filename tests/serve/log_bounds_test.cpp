// How much a log may hold where nobody has said it.

#include "modes/serve/host/log_bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/store/memory_room_log.h"

namespace netchat::serve {
namespace {

using store::Retention;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kMiB = 1024 * 1024, kGiB = 1024 * kMiB;

class LogBoundsTest : public ::testing::Test {
  protected:
    void say(const std::string& room, const std::string& text) {
        store::Entry entry;
        entry.text = text;
        const store::Draft draft{room, entry};
        ASSERT_TRUE(log.append({&draft, 1}));
    }
    Retention byDefault(uint64_t diskBytes) {
        return LogBounds(diskBytes, log).applied({0, Retention::kByDisk, Retention::kByDisk});
    }
    store::MemoryRoomLog log;
};

TEST_F(LogBoundsTest, ASmallDiskIsUsedForATenth) {
    const auto bounds = byDefault(100 * kMiB);
    EXPECT_EQ(bounds.allBytes, 10 * kMiB);
    EXPECT_EQ(bounds.bytes, 5 * kMiB);
}

TEST_F(LogBoundsTest, ALargeDiskIsNotUsedForMoreThanIsSaid) {
    const auto bounds = byDefault(1000 * kGiB);
    EXPECT_EQ(bounds.allBytes, 8 * kGiB);
    EXPECT_EQ(bounds.bytes, kGiB);
}

TEST_F(LogBoundsTest, WhatIsSaidCounts) {
    const auto bounds = LogBounds(100 * kMiB, log).applied({5, 7, 0});
    EXPECT_EQ(bounds.ageMs, 5);
    EXPECT_EQ(bounds.bytes, 7u);
    EXPECT_EQ(bounds.allBytes, 0u);
}

TEST_F(LogBoundsTest, ALogThatHoldsMoreIsKeptAndSaysSo) {
    for (int i = 0; i < 40; ++i) say("a", std::string(50'000, 'x'));
    const LogBounds bounds(10 * kMiB, log);
    const Retention unsaid{0, Retention::kByDisk, Retention::kByDisk};
    EXPECT_EQ(bounds.applied(unsaid).allBytes, log.bytesInAll());
    EXPECT_EQ(bounds.applied(unsaid).bytes, log.keptBytes("a"));
    ASSERT_THAT(bounds.toTell(unsaid), SizeIs(1));
    EXPECT_THAT(bounds.toTell(unsaid)[0], HasSubstr("it is kept, but does not grow"));
    // Nothing goes at the start; the next message pushes out the oldest.
    EXPECT_FALSE(log.forgetSome(bounds.applied(unsaid), 0)->more);
    say("a", std::string(50'000, 'x'));
    EXPECT_TRUE(log.forgetSome(bounds.applied(unsaid), 0)->more);
}

TEST_F(LogBoundsTest, WhatWillBeForgottenIsSaid) {
    for (int i = 0; i < 40; ++i) say("a", std::string(50'000, 'x'));
    const LogBounds bounds(1000 * kGiB, log);
    const auto texts = bounds.toTell({0, kMiB, kMiB});
    ASSERT_THAT(texts, SizeIs(2));
    EXPECT_THAT(texts[0], HasSubstr("--log-size 1.0 MiB"));
    EXPECT_THAT(texts[1], HasSubstr("--keep-size 1.0 MiB"));
    EXPECT_THAT(bounds.toTell({0, 0, 0}), IsEmpty());
}

TEST_F(LogBoundsTest, TheLargestRoomGivesWay) {
    for (int i = 0; i < 40; ++i) say("busy", std::string(50'000, 'x'));
    say("quiet", "hello");
    const Retention bound{0, 0, kMiB};
    while (log.forgetSome(bound, 0)->more) {
    }
    EXPECT_LE(log.bytesInAll(), kMiB + 64 * 1024);
    EXPECT_GT(log.range("busy").first, 1u);
    EXPECT_EQ(log.range("quiet").first, 1u);
}

}  // namespace
}  // namespace netchat::serve

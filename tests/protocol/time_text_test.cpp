#include "protocol/time_text.h"

#include <gtest/gtest.h>

namespace netchat {
namespace {

constexpr int64_t kMoment = 1'795'444'560'123;  // 2026-11-23 14:36:00.123 UTC

TEST(TimeText, HasAFormForEachDialect) {
    EXPECT_EQ(classicTime(kMoment), "23-11-2026 14:36:00");
    EXPECT_EQ(isoTime(kMoment), "2026-11-23T14:36:00.123Z");
    EXPECT_EQ(isoTime(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(isoTime(-1), "1969-12-31T23:59:59.999Z");
}

TEST(TimeText, IsReadBack) {
    for (const int64_t ms : {int64_t{0}, int64_t{-1}, kMoment, int64_t{951'782'400'000},
                             int64_t{-62'167'219'200'000}, int64_t{253'402'300'799'999}}) {
        EXPECT_EQ(*parseIsoTime(isoTime(ms)), ms);
        const int64_t seconds = (ms - ((ms % 1000) + 1000) % 1000) / 1000;
        EXPECT_EQ(*parseClassicTime(classicTime(ms)), seconds * 1000);
    }
}

TEST(TimeText, ClampsMomentsThatHaveNoForm) {
    EXPECT_EQ(isoTime(INT64_MAX), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(isoTime(INT64_MIN), "0000-01-01T00:00:00.000Z");
}

TEST(TimeText, RefusesWhatIsNoMoment) {
    for (const auto* text :
         {"", "2026-11-23", "2026-11-23T14:36:00Z", "2026-11-23T14:36:00.123",
          "2026-11-23 14:36:00.123Z", "2026-13-01T00:00:00.000Z", "2026-02-29T00:00:00.000Z",
          "2026-11-23T24:00:00.000Z", "2026-11-23T14:60:00.000Z", "2026-11-2xT14:36:00.123Z",
          "-026-11-23T14:36:00.123Z", "2026-11-23T14:36:00.123Z "}) {
        EXPECT_FALSE(parseIsoTime(text)) << text;
    }
    for (const auto* text : {"", "23-11-2026", "2026-11-23 14:36:00", "31-02-2026 00:00:00",
                             "23-11-2026 14:36:60", "23-11-2026T14:36:00"}) {
        EXPECT_FALSE(parseClassicTime(text)) << text;
    }
}

}  // namespace
}  // namespace netchat

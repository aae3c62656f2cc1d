#include "modes/serve/limits/rate_limiter.h"

#include <gmock/gmock.h>

namespace netchat::serve {
namespace {

using Action = RateLimiter::Action;
using ::testing::HasSubstr;

constexpr int64_t kRateNow = 1'000'000;

Limits slow() {
    Limits limits;
    limits.messagesPerSecond = 2;  // 20 at once
    limits.bytesPerSecond = 100;   // 1000 at once
    limits.requestsPerSecond = 1;
    limits.joinsPerMinute = 6;
    limits.nicksPerMinute = 3;
    limits.offersPerMinute = 60;
    limits.storedBytesPerDay = 1000;
    return limits;
}

TEST(TokenBucket, FillsAsTimePassesUpToItsBrim) {
    TokenBucket bucket(2, 4, kRateNow);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(bucket.tryTake(1, kRateNow));
    EXPECT_FALSE(bucket.tryTake(1, kRateNow));
    EXPECT_FALSE(bucket.tryTake(1, kRateNow + 499));
    EXPECT_TRUE(bucket.tryTake(1, kRateNow + 500));
    EXPECT_FALSE(bucket.isFull(kRateNow + 2000));
    EXPECT_TRUE(bucket.isFull(kRateNow + 1'000'000));
    EXPECT_FALSE(bucket.tryTake(5, kRateNow + 2'000'000));
}

TEST(TokenBucket, AClockThatStepsBackGivesNothing) {
    TokenBucket bucket(1, 1, kRateNow);
    EXPECT_TRUE(bucket.tryTake(1, kRateNow));
    EXPECT_FALSE(bucket.tryTake(1, kRateNow - 100'000));
    EXPECT_FALSE(bucket.tryTake(1, kRateNow + 999));
    EXPECT_TRUE(bucket.tryTake(1, kRateNow + 1000));
}

TEST(TokenBucket, WhatIsOwedIsPaidAtABetterRate) {
    TokenBucket bucket(1, 10, kRateNow);
    bucket.take(1010, kRateNow);
    EXPECT_EQ(bucket.debtMs(kRateNow), 1'000'000);
    bucket.change(1000, 10'000, kRateNow);
    EXPECT_EQ(bucket.debtMs(kRateNow), 1000);
}

TEST(TokenBucket, WhatIsSavedStaysTheSamePart) {
    TokenBucket bucket(1, 10, kRateNow);
    bucket.take(5, kRateNow);
    bucket.change(100, 1000, kRateNow);
    EXPECT_TRUE(bucket.tryTake(500, kRateNow));
    EXPECT_FALSE(bucket.tryTake(1, kRateNow));
}

TEST(RateLimiter, MessagesBeyondTheRateMakeTheNextWaitAsLongAsTheyWereTooMany) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kRateNow);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(limiter.said(1, kRateNow), 0);
    EXPECT_EQ(limiter.said(1, kRateNow), 500);
    EXPECT_EQ(limiter.said(1, kRateNow), 1000);
    EXPECT_EQ(limiter.said(1, kRateNow + 1500), 0);
}

TEST(RateLimiter, LongMessagesWaitForTheirBytes) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kRateNow);
    EXPECT_EQ(limiter.said(1000, kRateNow), 0);
    EXPECT_EQ(limiter.said(50, kRateNow), 500);
    EXPECT_EQ(limiter.said(0, kRateNow), 500);
}

TEST(RateLimiter, EachKindOfRequestHasItsOwnAllowance) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kRateNow);
    const auto allowed = [&](Action act, int64_t nowMs) {
        int count = 0;
        while (limiter.ask(act, nowMs)) ++count;
        return count;
    };
    EXPECT_EQ(allowed(Action::Request, kRateNow), 10);
    EXPECT_EQ(allowed(Action::Join, kRateNow), 6);
    EXPECT_EQ(allowed(Action::Nick, kRateNow), 3);
    EXPECT_EQ(allowed(Action::Offer, kRateNow), 60);
    EXPECT_EQ(allowed(Action::Nick, kRateNow + 20'000), 1);
    const auto refused = limiter.ask(Action::Nick, kRateNow + 20'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::TooFast);
    EXPECT_THAT(refused.error().text, HasSubstr("at most 3 nick changes in 60 seconds"));
}

TEST(RateLimiter, FilesOfADayHaveAQuota) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kRateNow);
    constexpr int64_t kOneDay = 86'400'000;
    EXPECT_TRUE(limiter.store(600, 5 * kOneDay));
    EXPECT_TRUE(limiter.store(400, 5 * kOneDay + 1));
    const auto refused = limiter.store(1, 6 * kOneDay - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_THAT(refused.error().text, HasSubstr("a day"));
    EXPECT_TRUE(limiter.store(1000, 6 * kOneDay));
    EXPECT_FALSE(limiter.store(UINT64_MAX, 7 * kOneDay));
}

TEST(RateLimiter, TellsOnceForAWhile) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kRateNow);
    EXPECT_TRUE(limiter.tellNow(kRateNow));
    EXPECT_FALSE(limiter.tellNow(kRateNow + 59'999));
    EXPECT_TRUE(limiter.tellNow(kRateNow + 60'000));
}

}  // namespace
}  // namespace netchat::serve

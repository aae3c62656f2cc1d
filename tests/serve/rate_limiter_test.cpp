#include "modes/serve/limits/rate_limiter.h"

#include <gmock/gmock.h>

namespace netchat::serve {
namespace {

using Action = RateLimiter::Action;
using ::testing::HasSubstr;

constexpr int64_t kNow = 1'000'000;

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
    TokenBucket bucket(2, 4, kNow);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(bucket.tryTake(1, kNow));
    EXPECT_FALSE(bucket.tryTake(1, kNow));
    EXPECT_FALSE(bucket.tryTake(1, kNow + 499));
    EXPECT_TRUE(bucket.tryTake(1, kNow + 500));
    EXPECT_FALSE(bucket.isFull(kNow + 2000));
    EXPECT_TRUE(bucket.isFull(kNow + 1'000'000));
    EXPECT_FALSE(bucket.tryTake(5, kNow + 2'000'000));
}

TEST(TokenBucket, AClockThatStepsBackGivesNothing) {
    TokenBucket bucket(1, 1, kNow);
    EXPECT_TRUE(bucket.tryTake(1, kNow));
    EXPECT_FALSE(bucket.tryTake(1, kNow - 100'000));
    EXPECT_FALSE(bucket.tryTake(1, kNow + 999));
    EXPECT_TRUE(bucket.tryTake(1, kNow + 1000));
}

TEST(TokenBucket, WhatIsOwedIsPaidAtABetterRate) {
    TokenBucket bucket(1, 10, kNow);
    bucket.take(1010, kNow);
    EXPECT_EQ(bucket.debtMs(kNow), 1'000'000);
    bucket.change(1000, 10'000, kNow);
    EXPECT_EQ(bucket.debtMs(kNow), 1000);
}

TEST(TokenBucket, WhatIsSavedStaysTheSamePart) {
    TokenBucket bucket(1, 10, kNow);
    bucket.take(5, kNow);
    bucket.change(100, 1000, kNow);
    EXPECT_TRUE(bucket.tryTake(500, kNow));
    EXPECT_FALSE(bucket.tryTake(1, kNow));
}

TEST(RateLimiter, MessagesBeyondTheRateMakeTheNextWaitAsLongAsTheyWereTooMany) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kNow);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(limiter.said(1, kNow), 0);
    EXPECT_EQ(limiter.said(1, kNow), 500);
    EXPECT_EQ(limiter.said(1, kNow), 1000);
    EXPECT_EQ(limiter.said(1, kNow + 1500), 0);
}

TEST(RateLimiter, LongMessagesWaitForTheirBytes) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kNow);
    EXPECT_EQ(limiter.said(1000, kNow), 0);
    EXPECT_EQ(limiter.said(50, kNow), 500);
    EXPECT_EQ(limiter.said(0, kNow), 500);
}

TEST(RateLimiter, EachKindOfRequestHasItsOwnAllowance) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kNow);
    const auto allowed = [&](Action act, int64_t nowMs) {
        int count = 0;
        while (limiter.ask(act, nowMs)) ++count;
        return count;
    };
    EXPECT_EQ(allowed(Action::Request, kNow), 10);
    EXPECT_EQ(allowed(Action::Join, kNow), 6);
    EXPECT_EQ(allowed(Action::Nick, kNow), 3);
    EXPECT_EQ(allowed(Action::Offer, kNow), 60);
    EXPECT_EQ(allowed(Action::Nick, kNow + 20'000), 1);
    const auto refused = limiter.ask(Action::Nick, kNow + 20'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::TooFast);
    EXPECT_THAT(refused.error().text, HasSubstr("at most 3 nick changes in 60 seconds"));
}

TEST(RateLimiter, FilesOfADayHaveAQuota) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kNow);
    constexpr int64_t kDay = 86'400'000;
    EXPECT_TRUE(limiter.store(600, 5 * kDay));
    EXPECT_TRUE(limiter.store(400, 5 * kDay + 1));
    const auto refused = limiter.store(1, 6 * kDay - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_THAT(refused.error().text, HasSubstr("a day"));
    EXPECT_TRUE(limiter.store(1000, 6 * kDay));
    EXPECT_FALSE(limiter.store(UINT64_MAX, 7 * kDay));
}

TEST(RateLimiter, TellsOnceForAWhile) {
    const Limits limits = slow();
    RateLimiter limiter(limits, kNow);
    EXPECT_TRUE(limiter.tellNow(kNow));
    EXPECT_FALSE(limiter.tellNow(kNow + 59'999));
    EXPECT_TRUE(limiter.tellNow(kNow + 60'000));
}

}  // namespace
}  // namespace netchat::serve

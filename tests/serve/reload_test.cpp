// Settings that are read again: what is said of it, and that limits hold from then on for those who
// are there.

#include "modes/serve/moderation/reload.h"

#include <gmock/gmock.h>

#include "modes/serve/limits/admission.h"
#include "modes/serve/limits/rate_limiter.h"
#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

TEST(Reload, SaysWhatHasChangedAndWhatNeedsARestart) {
    EXPECT_EQ(reloadText({}), "reloaded: nothing has changed");
    EXPECT_EQ(
        reloadText({{{"keep", "0", "90d"}, {"password-file", "", "/p"}, {"the password", "", ""}},
                    {{"port", "6121", "7000"}}}),
        "reloaded: keep 0 -> 90d, password-file (none) -> /p, the password; needs a restart: "
        "port 6121 -> 7000");
    EXPECT_EQ(reloadRows({{{"keep", "0", "90d"}}, {{"port", "1", "2"}}}).size(), 2u);
    const Answer failed = reloadAnswer(Error{ErrorCode::BadText, "port: no"});
    EXPECT_EQ(failed.status.error().text, "not reloaded, nothing was changed: port: no");
}

TEST(Reload, WhatWasSavedUpStaysTheSamePartOfWhatCanBe) {
    TokenBucket bucket(1, 10, 0);
    bucket.take(5, 0);
    bucket.change(10, 100, 0);
    EXPECT_TRUE(bucket.tryTake(50, 0));
    EXPECT_FALSE(bucket.tryTake(1, 0));
    bucket.take(20, 0);  // a debt of two seconds
    bucket.change(1, 10, 0);
    EXPECT_EQ(bucket.debtMs(0), 2000);
}

TEST(Reload, ADoorGoesByItsNewLimits) {
    Limits limits;
    limits.rateLimit = RateLimit::On;
    limits.connectionsPerAddressMax = 1;
    Admission admission(limits, 1000);
    const Poco::Net::IPAddress one("192.0.2.1");
    EXPECT_TRUE(admission.admit(one, 0));
    EXPECT_FALSE(admission.admit(one, 0));
    limits.connectionsPerAddressMax = 2;
    admission.limitBy(limits, 0);
    EXPECT_TRUE(admission.admit(one, 0));
    EXPECT_FALSE(admission.admit(one, 0));
}

TEST(Reload, AShorterTimeHoldsForWhatHasBegun) {
    Bench bench;
    Peer& silent = bench.connect();
    Limits limits;
    limits.greetingMs = 1000;
    bench.shards[0]->change(limits, 0, nullptr);
    EXPECT_EQ(bench.shards[0]->nextDeadlineMs(), 1000);
    bench.pass(1000);
    EXPECT_TRUE(silent.transport.writeEnded);
}

TEST(Reload, UsersAreJudgedByTheNewLimits) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    Limits limits;
    limits.textBytesMax = 4;
    limits.roomsPerUserMax = 1;
    bench.shards[0]->change(limits, 0, nullptr);
    CommandBatch batch;
    batch.commands.push_back(LimitsChanged{std::make_shared<const Limits>(limits)});
    bench.submitBatch(std::move(batch));
    bench.settle();
    alice.send(v2("say room:lobby id:1", "hello") + v2("join room:other"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ::testing::ElementsAre("error room:lobby id:1 code:too-long re:say",
                                                       "error room:other code:too-many re:join"));
}

}  // namespace
}  // namespace netchat::serve::testing

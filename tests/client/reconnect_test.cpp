// When a lost connection is made again.

#include "modes/client/reconnect.h"

#include <gtest/gtest.h>

namespace netchat::client {
namespace {

using When = ReconnectOptions::When;

constexpr uint64_t kMost = ~uint64_t{0};

// The longest wait that the chance can give.
int64_t longest(Reconnect& reconnect, int64_t nowMs) {
    int64_t most = 0;
    for (uint64_t random = 0; random <= 20'000; ++random) {
        Reconnect copy = reconnect;
        most = std::max(most, *copy.lost("lost", nowMs, random));
    }
    reconnect.lost("lost", nowMs, kMost);
    return most;
}

TEST(Reconnect, WaitsForARandomPartOfATimeThatDoublesUpToABound) {
    Reconnect reconnect({.when = When::Always});
    for (const int64_t most : {100, 200, 400, 800, 1600, 3200, 6400, 10'000, 10'000}) {
        EXPECT_EQ(longest(reconnect, 0), most);
    }
    Reconnect other({.when = When::Always});
    EXPECT_EQ(other.lost("lost", 0, 0), 0);
}

TEST(Reconnect, BeginsAnewAfterAConnectionThatLasted) {
    Reconnect reconnect({.when = When::OnceConnected});
    reconnect.connected(0);
    longest(reconnect, 5000);
    longest(reconnect, 5000);
    reconnect.connected(6000);
    EXPECT_EQ(longest(reconnect, 6999), 400) << "it did not last";
    reconnect.connected(7000);
    EXPECT_EQ(longest(reconnect, 8000), 100);
    EXPECT_EQ(reconnect.attempt(), 1u);
}

TEST(Reconnect, IsOverWhenItWasTriedForLongEnough) {
    Reconnect reconnect({.when = When::Always, .forMs = 1000});
    EXPECT_TRUE(reconnect.lost("unreachable", 500, 7));
    EXPECT_LE(*reconnect.lost("unreachable", 1499, 77'777), 1);
    EXPECT_FALSE(reconnect.lost("unreachable", 1500, 7));
    EXPECT_TRUE(reconnect.timeIsUp());
}

TEST(Reconnect, ALossAfterAConnectionThatLastedHasTheWholeTimeAgain) {
    Reconnect reconnect({.when = When::OnceConnected, .forMs = 5000});
    reconnect.connected(0);
    EXPECT_TRUE(reconnect.lost("lost", 1000, 7));
    EXPECT_TRUE(reconnect.lost("unreachable", 5999, 7));
    reconnect.connected(5999);
    EXPECT_TRUE(reconnect.lost("lost", 100'000, 7));
    EXPECT_FALSE(reconnect.timeIsUp());
    EXPECT_TRUE(reconnect.lost("unreachable", 104'999, 7));
    EXPECT_FALSE(reconnect.lost("unreachable", 105'000, 7)) << "counted from the second loss";
}

// One that is made and lost at once does not prolong it.
TEST(Reconnect, AConnectionThatDidNotLastLeavesTheTimeAsItIs) {
    Reconnect reconnect({.when = When::OnceConnected, .forMs = 5000});
    reconnect.connected(0);
    EXPECT_TRUE(reconnect.lost("lost", 1000, 7));
    reconnect.connected(5500);
    EXPECT_FALSE(reconnect.lost("lost", 6000, 7));
    EXPECT_TRUE(reconnect.timeIsUp());
}

TEST(Reconnect, AServerThatAsksToWaitIsWaitedForAlsoAtFirst) {
    for (const char* code : {"too-fast", "too-many", "closing"}) {
        Reconnect once({.when = When::OnceConnected, .forMs = 1000}), never({});
        EXPECT_TRUE(once.lost(code, 0, 0)) << code;
        EXPECT_FALSE(once.lost(code, 1000, 0)) << code;
        EXPECT_FALSE(never.lost(code, 0, 0)) << code;
        once.connected(2000);
        EXPECT_TRUE(once.lost(code, 5000, 0)) << code;
    }
}

TEST(Reconnect, AFirstConnectionThatFailsIsTheEndUnlessItIsToBeTriedAlways) {
    Reconnect once({.when = When::OnceConnected}), always({.when = When::Always}), never({});
    EXPECT_FALSE(once.lost("unreachable", 0, 0));
    EXPECT_TRUE(always.lost("unreachable", 0, 0));
    EXPECT_FALSE(never.lost("unreachable", 0, 0));
    once.connected(0), never.connected(0);
    EXPECT_TRUE(once.lost("closing", 0, 0));
    EXPECT_FALSE(never.lost("closing", 0, 0));
}

TEST(Reconnect, WhatAServerWillRefuseAgainIsTheEnd) {
    for (const char* code : {"", "bad-nick", "bad-state", "bad-header", "bad-head"}) {
        Reconnect reconnect({.when = When::Always});
        reconnect.connected(0);
        EXPECT_FALSE(reconnect.lost(code, 0, 0)) << code;
    }
}

// Our own old connection may still have it.
TEST(Reconnect, ANickInUseIsTheEndOnlyTheFirstTime) {
    Reconnect reconnect({.when = When::Always});
    EXPECT_FALSE(reconnect.lost("nick-in-use", 0, 0));
    reconnect.connected(0);
    EXPECT_TRUE(reconnect.lost("nick-in-use", 0, 0));
}

}  // namespace
}  // namespace netchat::client

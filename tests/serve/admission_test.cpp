#include "modes/serve/limits/admission.h"

#include <gmock/gmock.h>

namespace netchat::serve {
namespace {

using Poco::Net::IPAddress;
using ::testing::HasSubstr;

Limits fewConnections() {
    Limits limits;
    limits.rateLimit = RateLimit::Auto;
    limits.connectionsMax = 10;
    limits.connectionsPerAddressMax = 3;
    limits.connectsPerSecond = 1;  // ten at once
    return limits;
}

const IPAddress kOne("192.0.2.1"), kOther("192.0.2.2");

TEST(Admission, CountsTheConnectionsOfAnAddress) {
    Admission admission(fewConnections(), 1000);
    auto first = admission.admit(kOne, 0);
    ASSERT_TRUE(first);
    EXPECT_TRUE(admission.admit(kOne, 0));
    EXPECT_TRUE(admission.admit(kOne, 0));
    const auto refused = admission.admit(kOne, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::TooMany);
    EXPECT_THAT(refused.error().text, HasSubstr("3 connections from your address"));
    EXPECT_TRUE(admission.admit(kOther, 0));
    admission.left(*first);
    EXPECT_TRUE(admission.admit(kOne, 0));
}

TEST(Admission, TakesSoManyOfAnAddressInASecond) {
    Admission admission(fewConnections(), 1000);
    const auto comeAndGo = [&](int64_t nowMs) {
        auto admitted = admission.admit(kOne, nowMs);
        if (admitted) admission.left(*admitted);
        return admitted ? ErrorCode::Internal : admitted.error().code;
    };
    for (int i = 0; i < 10; ++i) EXPECT_EQ(comeAndGo(0), ErrorCode::Internal);
    EXPECT_EQ(comeAndGo(0), ErrorCode::TooFast);
    EXPECT_EQ(comeAndGo(999), ErrorCode::TooFast);
    EXPECT_EQ(comeAndGo(1999), ErrorCode::Internal);
    EXPECT_EQ(comeAndGo(1999), ErrorCode::TooFast);
    // Whoever waits long has as many as at first, not more.
    for (int i = 0; i < 10; ++i) EXPECT_EQ(comeAndGo(1'000'000), ErrorCode::Internal);
    EXPECT_EQ(comeAndGo(1'000'000), ErrorCode::TooFast);
}

// Who stays holds a pointer to what its address has, however long it says nothing.
TEST(Admission, AnAddressIsNotForgottenWhileItIsHere) {
    Admission admission(fewConnections(), 1000);
    auto stays = admission.admit(kOne, 0);
    ASSERT_TRUE(stays);
    for (const int64_t atMs : {1'000'000, 2'000'000}) {
        auto other = admission.admit(kOther, atMs);
        ASSERT_TRUE(other);
        admission.left(*other);
        EXPECT_EQ(admission.budgets().size(), 2U);
    }
    EXPECT_TRUE(admission.admit(kOne, 3'000'000));
    EXPECT_TRUE(admission.admit(kOne, 3'000'000));
    EXPECT_FALSE(admission.admit(kOne, 3'000'000)) << "the one that stays counts";
    admission.left(*stays);
    EXPECT_TRUE(admission.admit(kOne, 3'000'000));
}

TEST(Admission, TakesSoManyInAllFromAnywhere) {
    Admission admission(fewConnections(), 1000);
    std::vector<AddressBudget*> in;
    for (int i = 0; i < 10; ++i) {
        auto admitted = admission.admit(IPAddress("127.0.0." + std::to_string(i + 1)), 0);
        ASSERT_TRUE(admitted);
        in.push_back(*admitted);
    }
    const auto refused = admission.admit(IPAddress("127.0.0.1"), 0);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr("accepts no more connections (10)"));
    admission.left(in.back());
    EXPECT_TRUE(admission.admit(kOne, 0));
}

TEST(Admission, LeavesDescriptorsForFilesAndTheLog) {
    Limits limits = fewConnections();
    limits.connectionsMax = 0;
    EXPECT_EQ(Admission(limits, 20'000).connectionsMax(), 19'744U);
    EXPECT_EQ(Admission(limits, 100).connectionsMax(), 50U);
    limits.connectionsMax = 1'000'000;
    EXPECT_EQ(Admission(limits, 1024).connectionsMax(), 768U);
}

TEST(Admission, AnIPv6AddressCountsAsItsNetwork) {
    Admission admission(fewConnections(), 1000);
    for (const char* address : {"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::1"}) {
        EXPECT_TRUE(admission.admit(IPAddress(address), 0));
    }
    EXPECT_FALSE(admission.admit(IPAddress("2001:db8::3"), 0));
    EXPECT_TRUE(admission.admit(IPAddress("2001:db8:0:1::1"), 0));
}

TEST(Admission, AnIPv4AddressIsTheSameWrittenAsAnIPv6One) {
    Admission admission(fewConnections(), 1000);
    for (const char* address : {"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"}) {
        EXPECT_TRUE(admission.admit(IPAddress(address), 0));
    }
    EXPECT_FALSE(admission.admit(IPAddress("::ffff:192.0.2.1"), 0));
    EXPECT_TRUE(admission.admit(IPAddress("::ffff:192.0.2.9"), 0));
}

TEST(Admission, ThisMachineIsLimitedOnlyWhereEverybodyIs) {
    for (const RateLimit rule : {RateLimit::Auto, RateLimit::Off, RateLimit::On}) {
        for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
            Limits limits = fewConnections();
            limits.rateLimit = rule;
            Admission admission(limits, 1000);
            for (int i = 0; i < 3; ++i) EXPECT_TRUE(admission.admit(IPAddress(address), 0));
            EXPECT_EQ(bool(admission.admit(IPAddress(address), 0)), rule != RateLimit::On)
                << address;
        }
    }
}

// A balancer may claim any address, also one whose first 64 bits are the number of an IPv4 one.
TEST(Admission, AnIPv6AddressIsNeverTakenForAnIPv4One) {
    const IPAddress low("0:0:7f00:1::5");
    EXPECT_FALSE(isLocal(low));
    EXPECT_NE(addressKey(low), addressKey(IPAddress("127.0.0.1")));
    EXPECT_TRUE(isLocal(IPAddress("::1")));
    EXPECT_TRUE(isLocal(IPAddress("::ffff:127.0.0.9")));
    EXPECT_FALSE(isLocal(IPAddress("::ffff:128.0.0.1")));
}

// As a balancer says it, whose clients on its own machine are not on this one.
TEST(Admission, WhoIsOnThisMachineMayBeKnownOtherwise) {
    Admission admission(fewConnections(), 1000);
    const IPAddress loopback("127.0.0.1");
    for (int i = 0; i < 3; ++i) {
        const auto admitted = admission.admit(loopback, false, 0);
        ASSERT_TRUE(admitted);
        EXPECT_NE(*admitted, nullptr);
    }
    EXPECT_FALSE(admission.admit(loopback, false, 0));
    const auto here = admission.admit(loopback, true, 0);
    ASSERT_TRUE(here);
    EXPECT_EQ(*here, nullptr);
}

TEST(Admission, WhoIsExpectedTakesAPlaceUntilItHasArrived) {
    Limits limits = fewConnections();
    limits.connectionsMax = 3;
    Admission admission(limits, 1000);
    EXPECT_TRUE(admission.expect(0));
    EXPECT_TRUE(admission.expect(0));
    ASSERT_TRUE(admission.admit(kOther, 0));
    const auto refused = admission.admit(kOther, 0);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr("accepts no more connections (3)"));
    admission.arrived();
    EXPECT_TRUE(admission.admit(kOne, 0));
    EXPECT_FALSE(admission.admit(kOne, 0));
    admission.arrived();
    EXPECT_TRUE(admission.admit(kOne, 0));
}

// Beyond the bound nobody is, and they are counted by its name.
TEST(Admission, ThoseWhoAreExpectedAreBounded) {
    Limits limits = fewConnections();
    limits.connectionsMax = 0;
    Admission admission(limits, 100'000);
    int expected = 0;
    for (int i = 0; i < 10'000; ++i) expected += admission.expect(0) ? 1 : 0;
    EXPECT_EQ(expected, 4096);
    const auto untold = admission.takeUntold();
    EXPECT_EQ(untold.unexpected, 10'000U - 4096);
    EXPECT_EQ(untold.refused, 0U);
    EXPECT_FALSE(admission.expect(1000));
    admission.arrived();
    EXPECT_TRUE(admission.expect(1000));
    EXPECT_TRUE(admission.admit(kOne, 1000)) << "the others are served";
}

// Those who may be told so are let so far that they can be.
TEST(Admission, AFullServerExpectsAFewMoreToTellThem) {
    Limits limits = fewConnections();
    limits.connectionsMax = 1;
    Admission admission(limits, 100'000);
    int expected = 0;
    for (int i = 0; i < 1000; ++i) expected += admission.expect(0) ? 1 : 0;
    EXPECT_EQ(expected, 1 + 200);
    EXPECT_EQ(admission.takeUntold().refused, 1000U - 201);
}

TEST(Admission, TellsAFewOfTheRefusedAndCountsTheOthers) {
    Admission admission(fewConnections(), 1000);
    int told = 0;
    for (int i = 0; i < 1000; ++i) told += admission.tell(0) ? 1 : 0;
    EXPECT_EQ(told, 200);
    EXPECT_EQ(admission.takeUntold().refused, 800U);
    EXPECT_EQ(admission.takeUntold().refused, 0U);
    EXPECT_TRUE(admission.tell(1000));
}

}  // namespace
}  // namespace netchat::serve

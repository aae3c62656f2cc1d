#include "modes/serve/limits/address_budget.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "modes/serve/limits/memory_budget.h"

namespace netchat::serve {
namespace {

using Poco::Net::IPAddress;
using ::testing::HasSubstr;

AddressKey keyOf(const std::string& address) {
    return addressKey(IPAddress(address));
}

Limits few() {
    Limits limits;
    limits.messagesPerAddress = 10;  // a hundred at once
    limits.bytesPerAddress = 1000;
    limits.usersPerHour = 3;
    limits.requestsPerAddressMax = 2;
    limits.storedBytesPerAddress = 24'000;
    return limits;
}

TEST(AddressKey, TellsIPv4AddressesAndIPv6NetworksApart) {
    EXPECT_EQ(keyOf("192.0.2.1"), keyOf("::ffff:192.0.2.1"));
    EXPECT_NE(keyOf("192.0.2.1"), keyOf("192.0.2.2"));
    EXPECT_EQ(keyOf("2001:db8::1"), keyOf("2001:db8::ffff:1"));
    EXPECT_NE(keyOf("2001:db8::1"), keyOf("2001:db8:0:1::1"));
    for (const char* any : {"::1", "::", "0.0.0.0", "127.0.0.1", "255.255.255.255"}) {
        EXPECT_NE(keyOf(any), kUncounted) << any;
        EXPECT_NE(keyOf(any), kEveryoneElse) << any;
    }
}

TEST(AddressKey, KnowsTheNetworkAround) {
    EXPECT_EQ(widerKey(keyOf("192.0.2.1")), widerKey(keyOf("192.0.99.7")));
    EXPECT_NE(widerKey(keyOf("192.0.2.1")), widerKey(keyOf("192.1.2.1")));
    EXPECT_EQ(widerKey(keyOf("2001:db8:7:1::1")), widerKey(keyOf("2001:db8:7:ffff::1")));
    EXPECT_NE(widerKey(keyOf("2001:db8:7:1::1")), widerKey(keyOf("2001:db8:8:1::1")));
}

TEST(AddressBudget, ItsConnectionsShareWhatItMaySay) {
    AddressBudget budget(1, few(), 0);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(budget.said(1, 0), 0);
    EXPECT_EQ(budget.said(1, 0), 100);
    EXPECT_EQ(budget.said(1, 0), 200);
    EXPECT_EQ(budget.said(1, 10'000), 0);
    // Long texts, too.
    EXPECT_EQ(budget.said(20'000, 30'000), 10'000);
}

TEST(AddressBudget, ItHasSoManyRequestsUnanswered) {
    AddressBudget budget(1, few(), 0);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(budget.mayAsk());
        budget.asked();
    }
    const auto refused = budget.mayAsk();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::TooMany);
    EXPECT_THAT(refused.error().text, HasSubstr("has 2 unanswered requests"));
    budget.answered(1);
    EXPECT_TRUE(budget.mayAsk());
}

TEST(AddressBudgets, NewUsersAndFilesAreCountedByAddress) {
    AddressBudgets budgets(few());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(budgets.makeUser(1, 0));
    const auto refused = budgets.makeUser(1, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::TooFast);
    EXPECT_TRUE(budgets.makeUser(2, 0));
    EXPECT_TRUE(budgets.makeUser(1, 1'200'000));
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(budgets.mayStore(1, 24'000, 0)) << "none has come";
    AddressBudget& one = **budgets.enter(1, 0);
    one.stored(24'000, 0);
    EXPECT_EQ(budgets.mayStore(1, 1, 0).error().code, ErrorCode::NoRoom);
    EXPECT_TRUE(budgets.mayStore(1, 1000, 3'600'000));
    one.stored(1000, 3'600'000);
    EXPECT_FALSE(budgets.mayStore(1, 1, 3'600'000));
    budgets.leave(one);
    // Whoever is not counted may.
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(budgets.makeUser(kUncounted, 0));
        EXPECT_TRUE(budgets.mayStore(kUncounted, 24'000, 0));
    }
}

TEST(AddressBudgets, AStrangersAttemptsAreWrittenDownAFewTimes) {
    AddressBudgets budgets(few());
    int written = 0;
    for (int i = 0; i < 1000; ++i) written += budgets.noteAttempt(1, 0);
    EXPECT_EQ(written, 10);
    EXPECT_TRUE(budgets.noteAttempt(2, 0));
    EXPECT_TRUE(budgets.noteAttempt(1, 600'000));
    EXPECT_FALSE(budgets.noteAttempt(1, 600'000));
}

TEST(AddressBudgets, ForgetsWhoIsGoneAndMayDoEverythingAgain) {
    AddressBudgets budgets(few());
    AddressBudget* const here = *budgets.enter(1, 0);
    budgets.leave(**budgets.enter(2, 0));
    here->said(1, 0);
    EXPECT_EQ(budgets.size(), 2U);
    EXPECT_TRUE(budgets.enter(3, 60'000));
    EXPECT_EQ(budgets.size(), 2U) << "2 is forgotten, 1 is not";
    budgets.leave(*here);
    EXPECT_TRUE(budgets.makeUser(4, 120'000));
    EXPECT_EQ(budgets.size(), 2U);
}

TEST(AddressBudgets, AFullTableMakesRoomForThoseWhoAreHere) {
    AddressBudgets budgets(few(), 4);
    for (AddressKey key = 1; key <= 4; ++key) ASSERT_TRUE(budgets.makeUser(key << 32, 0));
    ASSERT_TRUE(budgets.enter(AddressKey{9} << 32, 1000));
    EXPECT_EQ(budgets.size(), 1U);
}

// Whoever owns a /32 of IPv6 has 2^32 networks of one customer each.
TEST(AddressBudgets, IsBoundedHoweverManyAddressesThereAre) {
    AddressBudgets budgets(few(), 4);
    std::set<AddressBudget*> different;
    std::vector<AddressBudget*> ofOne;
    for (AddressKey network = 0; network < 10; ++network) {
        for (AddressKey i = 1; i <= 10; ++i) {
            const auto entered = budgets.enter((0x2001'0db8ULL << 32) + (network << 16) + i, 1000);
            ASSERT_TRUE(entered);
            different.insert(*entered);
            if (network == 7) ofOne.push_back(*entered);
        }
    }
    // Four of their own, and one for each network.
    EXPECT_EQ(different.size(), 14U);
    EXPECT_EQ(std::set(ofOne.begin(), ofOne.end()).size(), 1U);
    for (AddressKey network = 0; network < 10'000; ++network) {
        (void)budgets.enter((0x2001'0db9ULL << 32) + (network << 16), 1000);
    }
    EXPECT_EQ(budgets.size(), 4U + 4096U + 1U);
}

TEST(AddressBudgets, NewLimitsAreForThoseWhoAreHere) {
    AddressBudgets budgets(few());
    AddressBudget* const budget = *budgets.enter(1, 0);
    Limits more = few();
    more.messagesPerAddress = 1;
    more.requestsPerAddressMax = 3;
    budgets.limitBy(more, 0);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(budget->said(1, 0), 0);
    EXPECT_EQ(budget->said(1, 0), 1000);
    for (int i = 0; i < 3; ++i) budget->asked();
    EXPECT_FALSE(budget->mayAsk());
}

TEST(MemoryBudget, WakesTheLoopsWhenItIsOverAndTellsWhenItCameBack) {
    int woken = 0, back = 0;
    MemoryBudget memory(
        100 * limits::kMiB, [&] { ++woken; }, [&] { ++back; });
    memory.holds(60 * limits::kMiB);
    EXPECT_TRUE(memory.isTight());
    EXPECT_FALSE(memory.isOver());
    memory.holds(60 * limits::kMiB);
    memory.holds(1);
    EXPECT_TRUE(memory.isOver());
    EXPECT_EQ(woken, 1);
    memory.eased();
    memory.holds(1);
    EXPECT_EQ(woken, 2);
    memory.holds(-80 * static_cast<std::ptrdiff_t>(limits::kMiB));
    EXPECT_EQ(back, 0);
    memory.holds(-20 * static_cast<std::ptrdiff_t>(limits::kMiB));
    EXPECT_EQ(back, 1);
    memory.holds(-1);
    EXPECT_EQ(back, 1) << "it is told once for each load";
}

}  // namespace
}  // namespace netchat::serve

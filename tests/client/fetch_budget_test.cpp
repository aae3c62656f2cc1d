// How much comes without being asked for: of one file, of one sender, and in all.

#include "modes/client/fetch_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::client {
namespace {

using ::testing::HasSubstr;
using Verdict = FetchBudget::Verdict;

constexpr uint64_t kMiB = 1024 * 1024;

event::File fileOf(uint64_t user, std::string_view from, uint64_t size) {
    return {.from = from, .user = user, .size = size};
}

TEST(FetchBudget, OneFileHasABound) {
    FetchBudget budget(10, UINT64_MAX);
    EXPECT_EQ(budget.take(fileOf(1, "al", 10)), Verdict::Fetched);
    EXPECT_EQ(budget.take(fileOf(1, "al", 11)), Verdict::TooLarge);
    EXPECT_EQ(FetchBudget::reason(Verdict::TooLarge), "");
}

TEST(FetchBudget, ASenderHasAQuarterUnderWhateverNick) {
    FetchBudget budget(100 * kMiB, 100 * kMiB);
    EXPECT_EQ(budget.take(fileOf(1, "al", 20 * kMiB)), Verdict::Fetched);
    EXPECT_EQ(budget.take(fileOf(1, "al", 6 * kMiB)), Verdict::SenderUsedUp);
    EXPECT_EQ(budget.take(fileOf(1, "another", 6 * kMiB)), Verdict::SenderUsedUp);
    EXPECT_EQ(budget.take(fileOf(1, "al", 5 * kMiB)), Verdict::Fetched) << "what fits comes";
    EXPECT_EQ(budget.take(fileOf(2, "al", 6 * kMiB)), Verdict::Fetched) << "another user";
    EXPECT_THAT(std::string(FetchBudget::reason(Verdict::SenderUsedUp)), HasSubstr("quarter"));
}

TEST(FetchBudget, ClassicUsersCountByName) {
    FetchBudget budget(100 * kMiB, 100 * kMiB);
    EXPECT_EQ(budget.take(fileOf(0, "al", 25 * kMiB)), Verdict::Fetched);
    EXPECT_EQ(budget.take(fileOf(0, "al", 1)), Verdict::SenderUsedUp);
    EXPECT_EQ(budget.take(fileOf(0, "bo", 25 * kMiB)), Verdict::Fetched);
}

TEST(FetchBudget, TheRunHasABoundHoweverManySendersThereAre) {
    FetchBudget budget(100 * kMiB, 100 * kMiB);
    for (uint64_t user = 1; user <= 4; ++user) {
        EXPECT_EQ(budget.take(fileOf(user, "x", 25 * kMiB)), Verdict::Fetched);
    }
    EXPECT_EQ(budget.take(fileOf(5, "x", 1)), Verdict::UsedUp);
    EXPECT_THAT(std::string(FetchBudget::reason(Verdict::UsedUp)),
                HasSubstr("--auto-download-total"));
}

TEST(FetchBudget, EmptyFilesAreNoWayAroundIt) {
    FetchBudget budget(100 * kMiB, 1 * kMiB);
    size_t fetched = 0;
    while (fetched < 1000 && budget.take(fileOf(1, "al", 0)) == Verdict::Fetched) ++fetched;
    EXPECT_EQ(fetched, 1 * kMiB / 4 / FetchBudget::kFileBytesMin);
}

TEST(FetchBudget, NothingIsFetchedOfNothing) {
    FetchBudget budget(100 * kMiB, 0);
    EXPECT_EQ(budget.take(fileOf(1, "al", 0)), Verdict::UsedUp);
}

}  // namespace
}  // namespace netchat::client

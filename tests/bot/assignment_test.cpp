#include "modes/bot/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace netchat::bot {
namespace {

// The most slots that these events can fill, by trying everything.
size_t mostBySearch(const std::vector<size_t>& wanted,
                    const std::vector<std::vector<size_t>>& fit) {
    std::vector<size_t> left = wanted;
    std::function<size_t(size_t)> best = [&](size_t event) -> size_t {
        if (event == fit.size()) return 0;
        size_t most = best(event + 1);
        for (const size_t line : fit[event]) {
            if (left[line] == 0) continue;
            --left[line];
            most = std::max(most, 1 + best(event + 1));
            ++left[line];
        }
        return most;
    };
    return best(0);
}

TEST(Assignment, MovesAnEventToTheOtherLineThatItFits) {
    Assignment assignment({1, 1});
    EXPECT_TRUE(assignment.place(10, {0, 1}));
    EXPECT_TRUE(assignment.place(11, {0}));
    EXPECT_TRUE(assignment.complete());
    EXPECT_EQ(assignment.lastOf(0), 11u);
    EXPECT_EQ(assignment.lastOf(1), 10u);
}

TEST(Assignment, MovesAWholeChain) {
    constexpr size_t kLines = 100;
    Assignment assignment(std::vector<size_t>(kLines, 1));
    for (size_t i = 0; i + 1 < kLines; ++i) EXPECT_TRUE(assignment.place(i, {i, i + 1}));
    EXPECT_FALSE(assignment.complete());
    EXPECT_TRUE(assignment.place(kLines, {0}));
    EXPECT_TRUE(assignment.complete());
    EXPECT_EQ(assignment.lastOf(kLines - 1), kLines - 2);
}

TEST(Assignment, AnEventIsForOneLineOnly) {
    Assignment assignment({1, 1});
    EXPECT_TRUE(assignment.place(1, {0, 1}));
    EXPECT_FALSE(assignment.complete());
    EXPECT_FALSE(assignment.isFull(1));
    EXPECT_FALSE(assignment.place(2, {}));
}

TEST(Assignment, ALineMayWantSeveral) {
    Assignment assignment({2, 1});
    EXPECT_TRUE(assignment.place(1, {0}));
    EXPECT_TRUE(assignment.place(2, {0, 1}));
    EXPECT_FALSE(assignment.isFull(1));
    EXPECT_TRUE(assignment.place(3, {0}));
    EXPECT_TRUE(assignment.complete());
    EXPECT_EQ(assignment.lastOf(0), 3u);
    EXPECT_FALSE(assignment.place(4, {0, 1}));
}

// After every event: as many have a line as could have one at all.
TEST(Assignment, IsTheBestThereIsAfterEachEvent) {
    std::mt19937 rng(7);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<size_t> wanted(1 + rng() % 4);
        for (size_t& count : wanted) count = 1 + rng() % 2;
        Assignment assignment(wanted);
        std::vector<std::vector<size_t>> fit;
        size_t placed = 0;
        for (size_t event = 0; event < 7; ++event) {
            fit.emplace_back();
            for (size_t line = 0; line < wanted.size(); ++line) {
                if (rng() % 3 == 0) fit.back().push_back(line);
            }
            placed += assignment.place(event, fit.back()) ? 1 : 0;
            size_t all = 0;
            for (const size_t count : wanted) all += count;
            ASSERT_EQ(placed, mostBySearch(wanted, fit)) << "round " << round;
            ASSERT_EQ(assignment.complete(), placed == all);
        }
        for (size_t line = 0; line < wanted.size() && assignment.complete(); ++line) {
            const std::vector<size_t>& lines = fit[assignment.lastOf(line)];
            ASSERT_TRUE(std::find(lines.begin(), lines.end(), line) != lines.end());
        }
    }
}

}  // namespace
}  // namespace netchat::bot

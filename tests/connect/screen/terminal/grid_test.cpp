#include "modes/connect/screen/terminal/grid.h"

#include <gtest/gtest.h>

#include "tests/connect/screen/terminal/random_screens.h"

namespace netchat::connect {
namespace {

constexpr Style kBold = {.bold = true};
constexpr Style kRed = {.foreground = {1}};

// The texts of a row, each second half of a cluster as "<".
std::string row(const Grid& grid, int y) {
    std::string text;
    for (int x = 0; x < grid.width(); ++x) {
        const Cell& cell = grid.at(x, y);
        text += cell.columns == 0 ? "<" : cell.text;
    }
    return text;
}

TEST(Grid, BeginsBlank) {
    const Grid grid(3, 2);
    EXPECT_EQ(grid.width(), 3);
    EXPECT_EQ(grid.height(), 2);
    EXPECT_EQ(row(grid, 0), "   ");
    EXPECT_EQ(grid.at(2, 1), Cell());
    EXPECT_EQ(grid.cursor, std::nullopt);
}

TEST(Grid, IsEmptyOfASizeBelowNothing) {
    Grid grid(-1, 5);
    EXPECT_EQ(grid.width(), 0);
    EXPECT_EQ(grid.put(0, 0, "text", {}), 0);
    EXPECT_EQ(Grid(4, -3).height(), 0);
}

TEST(Grid, DrawsTextAndSaysWhereItEnds) {
    Grid grid(6, 2);
    EXPECT_EQ(grid.put(1, 1, "ab", kBold), 3);
    EXPECT_EQ(row(grid, 0), "      ");
    EXPECT_EQ(row(grid, 1), " ab   ");
    EXPECT_EQ(grid.at(1, 1).style, kBold);
    EXPECT_EQ(grid.at(3, 1).style, Style());
}

TEST(Grid, GivesWideClustersTwoCells) {
    Grid grid(6, 1);
    EXPECT_EQ(grid.put(0, 0, "a日b", kRed), 4);
    EXPECT_EQ(row(grid, 0), "a日<b  ");
    EXPECT_EQ(grid.at(1, 0).columns, 2);
    EXPECT_EQ(grid.at(2, 0).columns, 0);
    EXPECT_EQ(grid.at(2, 0).text, "");
    EXPECT_EQ(grid.at(2, 0).style, kRed);
}

TEST(Grid, KeepsSequencesInOneCellAndKnowsThatTheyAreUncertain) {
    Grid grid(6, 1);
    grid.put(0, 0, "👨‍👩‍👧x", {});
    EXPECT_EQ(grid.at(0, 0).text, "👨‍👩‍👧");
    EXPECT_FALSE(grid.at(0, 0).certain);
    EXPECT_FALSE(grid.at(1, 0).certain);
    EXPECT_EQ(grid.at(2, 0).text, "x");
    EXPECT_TRUE(grid.at(2, 0).certain);
}

TEST(Grid, LeavesOutWhatDoesNotFit) {
    Grid grid(4, 1);
    EXPECT_EQ(grid.put(2, 0, "abc", {}), 4);
    EXPECT_EQ(row(grid, 0), "  ab");
    EXPECT_EQ(grid.put(0, 0, "xyz", {}, 2), 2);
    EXPECT_EQ(row(grid, 0), "xyab");
    EXPECT_EQ(grid.put(9, 0, "far", {}), 9);
    EXPECT_EQ(grid.put(3, 0, "over", {}, 1), 3);
    EXPECT_EQ(row(grid, 0), "xyab");
}

TEST(Grid, LeavesOutAWideClusterWhole) {
    Grid grid(4, 1);
    EXPECT_EQ(grid.put(0, 0, "abc日d", {}), 3);
    EXPECT_EQ(row(grid, 0), "abc ");
    EXPECT_EQ(grid.put(0, 0, "日本", {}, 3), 2);
    EXPECT_EQ(row(grid, 0), "日<c ");
}

TEST(Grid, PassesOverRowsOutside) {
    Grid grid(4, 1);
    EXPECT_EQ(grid.put(1, -1, "ab", {}), 3);
    EXPECT_EQ(grid.put(1, 1, "ab", {}), 3);
    grid.fill(0, 7, 4, kRed);
    EXPECT_EQ(grid, Grid(4, 1));
}

TEST(Grid, DrawsWhatReachesInFromTheLeft) {
    Grid grid(4, 1);
    EXPECT_EQ(grid.put(-2, 0, "abc", {}), 1);
    EXPECT_EQ(row(grid, 0), "c   ");
    EXPECT_EQ(grid.put(-1, 0, "日x", kRed), 2);
    EXPECT_EQ(row(grid, 0), " x  ");
    EXPECT_EQ(grid.at(0, 0).style, kRed);
}

TEST(Grid, MakesSpacesOfClustersThatAreCutInHalf) {
    Grid grid(4, 1);
    grid.put(0, 0, "日本", kRed);
    grid.put(1, 0, "x", kBold);
    EXPECT_EQ(row(grid, 0), " x本<");
    EXPECT_EQ(grid.at(0, 0).style, kRed);
    grid.put(0, 0, "日本", kRed);
    grid.put(1, 0, "語", kBold);
    EXPECT_EQ(row(grid, 0), " 語< ");
    EXPECT_EQ(grid.at(3, 0).style, kRed);
    EXPECT_EQ(grid.at(3, 0).columns, 1);
}

TEST(Grid, FillsWithBlanks) {
    Grid grid(5, 1);
    grid.put(0, 0, "日本x", kBold);
    grid.fill(1, 0, 3, kRed);
    EXPECT_EQ(row(grid, 0), "    x");
    EXPECT_EQ(grid.at(0, 0).style, kBold);
    EXPECT_EQ(grid.at(1, 0), (Cell{.style = kRed}));
    EXPECT_EQ(grid.at(2, 0), (Cell{.style = kRed}));
    EXPECT_EQ(grid.at(3, 0).style, kBold);
    grid.fill(-3, 0, 99, {});
    EXPECT_EQ(grid, Grid(5, 1));
}

TEST(Grid, DiffersByItsCursor) {
    Grid grid(2, 1);
    grid.cursor = {1, 0};
    EXPECT_NE(grid, Grid(2, 1));
}

// Every cluster of two columns has its second half, and no half is alone.
void expectWhole(const Grid& grid) {
    for (int y = 0; y < grid.height(); ++y) {
        for (int x = 0; x < grid.width(); ++x) {
            const Cell& cell = grid.at(x, y);
            const bool second = x > 0 && grid.at(x - 1, y).columns == 2;
            ASSERT_EQ(cell.columns == 0, second) << x << "," << y;
            ASSERT_EQ(cell.text.empty(), second) << x << "," << y;
            ASSERT_LE(x + cell.columns, grid.width()) << x << "," << y;
        }
    }
}

TEST(Grid, NeverHoldsHalfACluster) {
    constexpr unsigned kSeed = 20240131;
    RandomScreens screens(kSeed);
    Grid grid = screens.first();
    for (int i = 0; i < 2000; ++i) {
        grid = screens.after(grid);
        ASSERT_NO_FATAL_FAILURE(expectWhole(grid)) << "seed " << kSeed << ", screen " << i;
    }
}

}  // namespace
}  // namespace netchat::connect

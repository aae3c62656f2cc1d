// What is here of a room's log, what is missing, and what may be forgotten.

#include "modes/connect/screen/scrollback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace netchat::connect {
namespace {

Line entry(uint64_t seq, std::string_view text = "text") {
    Line line;
    line.kind = Line::Kind::Message;
    line.seq = seq;
    line.time = 1;
    line.text = SafeText(text);
    return line;
}

Line note(std::string_view text) {
    Line line;
    line.text = SafeText(text);
    return line;
}

std::vector<Line> entries(uint64_t from, uint64_t to) {
    std::vector<Line> all;
    for (uint64_t seq = from; seq <= to; ++seq) all.push_back(entry(seq));
    return all;
}

// "[1-4] 5 6 note ..7" : holes, entries, lines of ours, pending ones.
std::string shape(const Scrollback& lines) {
    std::string text;
    for (size_t i = 0; i < lines.size(); ++i) {
        const Line& line = lines.at(i);
        if (!text.empty()) text += ' ';
        if (line.kind == Line::Kind::Hole) {
            text += "[" + std::to_string(line.seq) + "-" + std::to_string(line.last) + "]";
        } else if (line.state == Line::State::Pending) {
            text += ".." + line.text.str();
        } else {
            text += line.seq == 0 ? line.text.str() : std::to_string(line.seq);
        }
    }
    return text;
}

TEST(Scrollback, ANumberThatIsMissingIsAHole) {
    Scrollback lines;
    lines.reach(4);
    lines.add(entry(5));
    lines.add(entry(6));
    lines.add(entry(9));
    EXPECT_EQ(shape(lines), "[1-4] 5 6 [7-8] 9");
    EXPECT_EQ(lines.newest(), 9u);
}

TEST(Scrollback, APageFillsTheHoleThatItBelongsInto) {
    Scrollback lines;
    lines.reach(10);
    lines.append(note("joined"));
    lines.add(entry(11));
    lines.fill(8, 10, entries(8, 10));
    EXPECT_EQ(shape(lines), "[1-7] 8 9 10 joined 11");
    lines.fill(1, 7, entries(1, 7));
    EXPECT_EQ(shape(lines), "1 2 3 4 5 6 7 8 9 10 joined 11");
}

TEST(Scrollback, WhatIsThereAlreadyIsNotDoubled) {
    Scrollback lines;
    lines.reach(5);
    lines.fill(3, 5, entries(3, 5));
    lines.fill(2, 5, entries(2, 5));
    EXPECT_EQ(lines.add(entry(4)), 0u);
    EXPECT_EQ(shape(lines), "[1-1] 2 3 4 5");
}

TEST(Scrollback, WhatIsKeptNoLongerLeavesNoHole) {
    Scrollback lines;
    lines.reach(9);
    lines.fill(1, 9, entries(6, 9));
    EXPECT_EQ(shape(lines), "6 7 8 9");
    lines.fill(10, 12, {});
    EXPECT_EQ(shape(lines), "6 7 8 9");
    EXPECT_EQ(lines.newest(), 12u);
}

// Entries of somebody who is ignored leave nothing, and must leave all others as they are.
TEST(Scrollback, AHoleOfWhichNothingIsKeptChangesNoOtherLine) {
    const std::string text = "a text that does not fit into the string object itself";
    for (const uint64_t hole : {3u, 10u, 17u}) {
        Scrollback lines;
        for (uint64_t seq = 1; seq <= 20; ++seq) {
            if (seq != hole) lines.add(entry(seq, text));
        }
        lines.fill(hole, hole, {});
        ASSERT_EQ(lines.size(), 19u);
        for (size_t i = 0; i < lines.size(); ++i) {
            EXPECT_EQ(lines.at(i).text.view(), text) << "line " << i << ", hole " << hole;
        }
    }
}

TEST(Scrollback, APageInTheMiddleOfAHoleSplitsIt) {
    Scrollback lines;
    lines.reach(100);
    lines.fill(40, 42, entries(40, 42));
    EXPECT_EQ(shape(lines), "[1-39] 40 41 42 [43-100]");
}

TEST(Scrollback, APendingLineStandsAtTheEndUntilItsEntryComes) {
    Scrollback lines;
    const uint64_t id = lines.addPending(note("mine"));
    lines.add(entry(1));
    EXPECT_EQ(shape(lines), "1 ..mine");
    lines.removePending(id);
    lines.add(entry(2));
    EXPECT_EQ(shape(lines), "1 2");
}

TEST(Scrollback, ARefusedLineStays) {
    Scrollback lines;
    const uint64_t id = lines.addPending(note("mine"));
    lines.addPending(note("next"));
    lines.failPending(id);
    EXPECT_EQ(shape(lines), "mine ..next");
    EXPECT_EQ(lines.at(0).state, Line::State::Failed);
}

TEST(Scrollback, ForgetsTheOldestBeyondItsBounds) {
    Scrollback lines({.lines = 5, .bytes = 1 << 20});
    for (uint64_t seq = 1; seq <= 9; ++seq) lines.add(entry(seq));
    lines.append(note("note"));
    lines.trim({});
    EXPECT_EQ(shape(lines), "[1-6] 7 8 9 note");
}

TEST(Scrollback, ForgetsTheNewestWhereSomebodyReadsTheOldest) {
    Scrollback lines({.lines = 5, .bytes = 1 << 20});
    for (uint64_t seq = 1; seq <= 8; ++seq) lines.add(entry(seq));
    lines.trim(1);
    EXPECT_EQ(shape(lines), "1 2 3 4 [5-8]");
    lines.add(entry(9));
    lines.trim(1);
    EXPECT_EQ(shape(lines), "1 2 3 4 [5-9]");
}

TEST(Scrollback, ForgetsByBytes) {
    Scrollback lines({.lines = 1000, .bytes = 20'000});
    for (uint64_t seq = 1; seq <= 100; ++seq) lines.add(entry(seq, std::string(1000, 'x')));
    lines.trim({});
    EXPECT_LE(lines.bytes(), 20'000u);
    EXPECT_EQ(lines.at(lines.size() - 1).seq, 100u);
    EXPECT_GT(lines.size(), 5u);
}

TEST(Scrollback, ALogThatBeganAnewKeepsWhatWasSeenAndCountsAgain) {
    Scrollback lines;
    for (uint64_t seq = 1; seq <= 3; ++seq) lines.add(entry(seq, "old"));
    lines.beginAnew(2);
    EXPECT_EQ(shape(lines), "old old old [1-2]");
    lines.fill(1, 2, entries(1, 2));
    lines.add(entry(3));
    EXPECT_EQ(shape(lines), "old old old 1 2 3");
}

TEST(Scrollback, OfAnotherLogOnlyWhatBothHaveStays) {
    Scrollback lines;
    lines.reach(4);
    for (uint64_t seq = 5; seq <= 8; ++seq) lines.add(entry(seq, "old"));
    const size_t bytes = lines.bytes();
    lines.cutAfter(8);
    EXPECT_EQ(lines.bytes(), bytes);
    lines.cutAfter(6);
    EXPECT_LT(lines.bytes(), bytes);
    EXPECT_EQ(shape(lines), "[1-4] 5 6");
    EXPECT_EQ(lines.newest(), 6u);
    lines.add(entry(7));
    EXPECT_EQ(shape(lines), "[1-4] 5 6 7");
    lines.cutAfter(2);
    EXPECT_EQ(shape(lines), "[1-2]");
    lines.add(entry(3));
    EXPECT_EQ(shape(lines), "[1-2] 3");
    lines.cutAfter(0);
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(lines.bytes(), 0u);
}

TEST(Scrollback, FindsALineAfterOthersCameInFront) {
    Scrollback lines;
    lines.reach(50);
    lines.fill(50, 50, entries(50, 50));
    const uint64_t id = lines.at(1).id;
    EXPECT_EQ(lines.find(id, 50), 1u);
    lines.fill(20, 49, entries(20, 49));
    EXPECT_EQ(lines.at(lines.find(id, 50)).id, id);
    EXPECT_EQ(lines.find(id, 50), 31u);
}

TEST(Scrollback, WhereALineIsGoneItsNumberSaysWhereItWas) {
    Scrollback lines;
    lines.reach(9);
    const uint64_t hole = lines.at(0).id;
    lines.fill(1, 9, entries(1, 9));
    EXPECT_EQ(lines.find(hole, 1), 0u);
    EXPECT_EQ(lines.find(hole + 1000, 7), 6u);
}

// Whatever comes in whatever order: each entry at most once, in order, holes where and only where
// something is missing, and the bytes add up.
TEST(Scrollback, IsAlwaysTheLogWithHolesWhereSomethingIsMissing) {
    const auto bytesOf = [](auto fill) {
        Scrollback one;
        fill(one);
        return one.bytes();
    };
    const size_t entryBytes = bytesOf([](Scrollback& one) { one.add(entry(1)); });
    const size_t noteBytes = bytesOf([](Scrollback& one) { one.append(note("n")); });
    const size_t holeBytes = bytesOf([](Scrollback& one) { one.reach(9); });
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 chance(seed);
        const auto draw = [&](uint64_t most) { return chance() % most + 1; };
        Scrollback lines({.lines = 60, .bytes = 1 << 20});
        std::set<uint64_t> known, gone;  // entries here; numbers that are kept no longer
        uint64_t newest = 0;
        for (int step = 0; step < 400; ++step) {
            switch (draw(6)) {
                case 1:
                case 2:
                    lines.add(entry(++newest));
                    known.insert(newest);
                    break;
                case 3:
                    newest += draw(20);
                    lines.reach(newest);
                    break;
                case 4: {
                    if (newest == 0) break;
                    const uint64_t to = draw(newest), from = to > 15 ? to - 15 : 1;
                    std::vector<Line> page;
                    for (uint64_t seq = from; seq <= to; ++seq) {
                        if (!known.count(seq) && draw(8) == 1) gone.insert(seq);
                        if (gone.count(seq)) continue;
                        page.push_back(entry(seq));
                        known.insert(seq);
                    }
                    lines.fill(from, to, std::move(page));
                    break;
                }
                case 5:
                    lines.append(note("n"));
                    break;
                case 6:
                    lines.trim(chance() % 2 ? std::optional<size_t>(0) : std::nullopt);
                    EXPECT_LE(lines.size(), 60u);
                    // What was forgotten is not here any longer.
                    known.clear();
                    for (size_t i = 0; i < lines.size(); ++i) {
                        const Line& line = lines.at(i);
                        if (line.seq != 0 && line.kind != Line::Kind::Hole) known.insert(line.seq);
                    }
                    break;
            }
            ASSERT_EQ(lines.checkInvariants(), "");
            // From one number to the next there are only those that are kept no longer.
            uint64_t next = 1;
            const auto comesTo = [&](uint64_t seq) {
                while (next < seq && gone.count(next)) ++next;
                return next == seq;
            };
            std::set<uint64_t> seen;
            size_t bytes = 0;
            for (size_t i = 0; i < lines.size(); ++i) {
                const Line& line = lines.at(i);
                const bool hole = line.kind == Line::Kind::Hole;
                bytes += hole ? holeBytes : line.seq != 0 ? entryBytes : noteBytes;
                if (line.seq == 0) continue;
                ASSERT_TRUE(comesTo(line.seq)) << line.seq << " in " << shape(lines);
                ASSERT_FALSE(hole && line.last < line.seq);
                next = (hole ? line.last : line.seq) + 1;
                if (!hole) seen.insert(line.seq);
            }
            ASSERT_TRUE(comesTo(newest + 1)) << shape(lines);
            ASSERT_EQ(lines.bytes(), bytes) << shape(lines);
            ASSERT_EQ(seen, known) << shape(lines);
        }
    }
}

}  // namespace
}  // namespace netchat::connect

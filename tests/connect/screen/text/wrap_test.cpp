#include "modes/connect/screen/text/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "modes/connect/screen/text/graphemes.h"
#include "modes/connect/screen/text/safe_text.h"
#include "tests/connect/screen/text/hostile_text.h"

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;

std::string_view of(std::string_view text, const Row& row) {
    return text.substr(row.begin, row.end - row.begin);
}

std::vector<std::string> wrapped(std::string_view text, size_t columns) {
    std::vector<std::string> rows;
    for (const Row& row : wrap(text, columns)) rows.emplace_back(of(text, row));
    return rows;
}

TEST(Wrap, LeavesWhatFits) {
    EXPECT_THAT(wrapped("", 5), ElementsAre(""));
    EXPECT_THAT(wrapped("hello", 5), ElementsAre("hello"));
    EXPECT_THAT(wrapped("日本", 4), ElementsAre("日本"));
}

TEST(Wrap, BreaksAtTheLastSpaceThatFits) {
    EXPECT_THAT(wrapped("to be or not", 6), ElementsAre("to be", "or not"));
    EXPECT_THAT(wrapped("to be or not", 7), ElementsAre("to be", "or not"));
    EXPECT_THAT(wrapped("to be or not", 8), ElementsAre("to be or", "not"));
    EXPECT_THAT(wrapped("to be or not", 5), ElementsAre("to be", "or", "not"));
}

TEST(Wrap, LeavesAllSpacesOfABreakOut) {
    EXPECT_THAT(wrapped("one   two", 5), ElementsAre("one", "two"));
    EXPECT_THAT(wrapped("one   two", 3), ElementsAre("one", "two"));
    EXPECT_THAT(wrapped("one  two  three", 8), ElementsAre("one  two", "three"));
}

TEST(Wrap, BreaksAWordThatIsLongerThanARow) {
    EXPECT_THAT(wrapped("abcdefgh", 3), ElementsAre("abc", "def", "gh"));
    EXPECT_THAT(wrapped("a bcdefgh i", 3), ElementsAre("a", "bcd", "efg", "h i"));
    EXPECT_THAT(wrapped("abcdef ghi", 3), ElementsAre("abc", "def", "ghi"));
}

TEST(Wrap, NeverCutsAClusterInHalf) {
    EXPECT_THAT(wrapped("日本語", 3), ElementsAre("日", "本", "語"));
    EXPECT_THAT(wrapped("a日本語", 3), ElementsAre("a日", "本", "語"));
    EXPECT_THAT(wrapped("e\u0301e\u0301e\u0301", 2), ElementsAre("e\u0301e\u0301", "e\u0301"));
    EXPECT_THAT(wrapped("👍🏽👍🏽", 3), ElementsAre("👍🏽", "👍🏽"));
    EXPECT_THAT(wrapped("🇩🇪🇫🇷", 2), ElementsAre("🇩🇪", "🇫🇷"));
}

TEST(Wrap, GivesAWideClusterARowThatIsTooNarrow) {
    EXPECT_THAT(wrapped("日a本", 1), ElementsAre("日", "a", "本"));
    EXPECT_THAT(wrapped("日 本", 1), ElementsAre("日", "本"));
    EXPECT_THAT(wrapped("ab", 0), ElementsAre("a", "b"));
}

TEST(Wrap, EndsRowsAtNewlines) {
    EXPECT_THAT(wrapped("a\nb", 5), ElementsAre("a", "b"));
    EXPECT_THAT(wrapped("a\n\nb", 5), ElementsAre("a", "", "b"));
    EXPECT_THAT(wrapped("\n", 5), ElementsAre("", ""));
    EXPECT_THAT(wrapped("hello\nworld", 5), ElementsAre("hello", "world"));
    EXPECT_THAT(wrapped("to be\nor not to", 6), ElementsAre("to be", "or not", "to"));
}

TEST(Wrap, KeepsIndents) {
    EXPECT_THAT(wrapped("  a bc", 4), ElementsAre("  a", "bc"));
    EXPECT_THAT(wrapped("x\n  a bc", 4), ElementsAre("x", "  a", "bc"));
    EXPECT_THAT(wrapped("   word", 5), ElementsAre("   ", "word"));
    EXPECT_THAT(wrapped("     word", 3), ElementsAre("   ", "  ", "wor", "d"));
    EXPECT_THAT(wrapped("       ", 3), ElementsAre("   ", "   ", " "));
}

TEST(Wrap, LetsTheLastSpacesGoBeyondTheEdge) {
    EXPECT_THAT(wrapped("abc ", 4), ElementsAre("abc "));
    EXPECT_THAT(wrapped("abc  ", 4), ElementsAre("abc"));
    EXPECT_THAT(wrapped("abc     \nd", 4), ElementsAre("abc", "d"));
    EXPECT_THAT(wrapped("abc", 3), ElementsAre("abc"));
}

TEST(Wrap, SaysWhereRowsAre) {
    EXPECT_THAT(wrap("to be\nor", 4), ElementsAre(Row{0, 2}, Row{3, 5}, Row{6, 8}));
    EXPECT_THAT(wrap("", 4), ElementsAre(Row{0, 0}));
}

TEST(Wrap, NeverBreaksBeforeAMarkOnASpace) {
    EXPECT_THAT(wrapped("ab \u0301c", 2), ElementsAre("ab", " \u0301c"));
}

// Properties of any wrapping.

bool isAllSpaces(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' '; });
}

void expectFits(std::string_view row, size_t columns) {
    if (columnsOf(row) <= columns) return;
    EXPECT_EQ(columns, 1u) << row;
    EXPECT_EQ(clusterAfter(row, 0), row.size()) << row;
}

// Up to a space (that has no mark) or newline.
std::string_view firstWord(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view after = rest;
        const std::string_view cluster = nextCluster(after).text;
        if (cluster == " " || cluster == "\n") break;
        rest = after;
    }
    return text.substr(0, text.size() - rest.size());
}

std::string_view firstCluster(std::string_view text) {
    return text.substr(0, clusterAfter(text, 0));
}

// A row ends early only where what follows would not have fitted: the next word, or after an indent
// the word or another space, or in a word the next cluster.
void expectFull(std::string_view text, const Row& row, const Row& next, size_t columns) {
    const std::string_view gap = text.substr(row.end, next.begin - row.end);
    const std::string_view rest = text.substr(next.begin);
    if (gap.ends_with('\n')) return;
    EXPECT_TRUE(gap.empty() || firstCluster(rest) != " ");
    const bool inWord = gap.empty() && !isAllSpaces(of(text, row));
    const std::string_view word = firstWord(rest);
    const std::string_view follows = inWord || word.empty() ? firstCluster(rest) : word;
    EXPECT_GT(columnsOf(of(text, row)) + gap.size() + columnsOf(follows), columns);
}

void expectGap(std::string_view gap) {
    const size_t newline = gap.find('\n');
    EXPECT_TRUE(isAllSpaces(gap.substr(0, newline)));
    EXPECT_TRUE(newline == std::string_view::npos || newline + 1 == gap.size());
}

void expectGoodRows(std::string_view text, size_t columns) {
    SCOPED_TRACE("\"" + std::string(text) + "\" in " + std::to_string(columns));
    const std::vector<Row> rows = wrap(text, columns);
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.front().begin, 0u);
    for (size_t i = 0; i < rows.size(); ++i) {
        ASSERT_LE(rows[i].begin, rows[i].end);
        EXPECT_EQ(of(text, rows[i]).find('\n'), std::string_view::npos);
        expectFits(of(text, rows[i]), columns);
        if (i + 1 == rows.size()) break;
        ASSERT_LE(rows[i].end, rows[i + 1].begin);
        expectGap(text.substr(rows[i].end, rows[i + 1].begin - rows[i].end));
        expectFull(text, rows[i], rows[i + 1], columns);
    }
    EXPECT_TRUE(isAllSpaces(text.substr(rows.back().end)));
}

TEST(Wrap, HoldsItsPromisesForAnyText) {
    constexpr uint32_t kSeed = 31;
    HostileText hostile(kSeed);
    for (int i = 0; i < 3'000; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(i));
        const std::string words = SafeText(hostile.words(12), SafeText::Newlines::Keep).str();
        const std::string pieces = SafeText(hostile.pieces(20), SafeText::Newlines::Keep).str();
        expectGoodRows(words, 1 + hostile.below(12));
        expectGoodRows(pieces, 1 + hostile.below(12));
        if (HasFailure()) return;
    }
}

// The plainest way to fill rows with words that are shorter than a row.
std::vector<std::string> filled(const std::vector<std::string>& words, size_t columns) {
    std::vector<std::string> rows = {words.front()};
    for (size_t i = 1; i < words.size(); ++i) {
        if (rows.back().size() + 1 + words[i].size() <= columns) {
            rows.back() += " " + words[i];
        } else {
            rows.push_back(words[i]);
        }
    }
    return rows;
}

TEST(Wrap, FillsRowsWithWords) {
    constexpr uint32_t kSeed = 32;
    HostileText hostile(kSeed);
    for (int i = 0; i < 1'000; ++i) {
        std::vector<std::string> words;
        for (size_t n = 1 + hostile.below(20); n > 0; --n)
            words.emplace_back(1 + hostile.below(8), 'w');
        std::string text = words.front();
        for (size_t n = 1; n < words.size(); ++n) text += " " + words[n];
        const size_t columns = 8 + hostile.below(20);
        ASSERT_EQ(wrapped(text, columns), filled(words, columns))
            << "seed " << kSeed << ", round " << i;
    }
}

// These take seconds to hours where the time grows faster than the text.
TEST(Wrap, TakesLongTextsInLinearTime) {
    constexpr size_t kSize = 1 << 20;
    EXPECT_EQ(wrap(std::string(kSize, 'x'), 1).size(), kSize);
    EXPECT_EQ(wrap(std::string(kSize, ' '), 1).size(), kSize);
    EXPECT_EQ(wrap(std::string(kSize, '\n'), 80).size(), kSize + 1);
    EXPECT_EQ(wrap("x" + std::string(kSize, ' ') + "x", 80).size(), 2u);
    EXPECT_EQ(wrap("x " + std::string(kSize, 'y'), kSize).size(), 2u);
}

}  // namespace
}  // namespace netchat::connect

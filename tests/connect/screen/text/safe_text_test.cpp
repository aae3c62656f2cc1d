#include "modes/connect/screen/text/safe_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"
#include "tests/connect/screen/text/hostile_text.h"
#include "tests/connect/screen/text/text_pieces.h"

namespace netchat::connect {
namespace {

constexpr auto kKeep = SafeText::Newlines::Keep;
constexpr auto kToSpaces = SafeText::Newlines::ToSpaces;

void expectMade(std::string_view any, std::string_view safe) {
    EXPECT_EQ(SafeText(any).str(), safe) << testing::PrintToString(std::string(any));
}

void expectKept(std::string_view text) {
    expectMade(text, text);
}

TEST(SafeText, LeavesHarmlessTextAlone) {
    for (const auto* text :
         {"", "Hello, world!", "Grüße, Ёлка, Ωμέγα", "日本語 かな 한국어", "שלום", "مرحبا",
          "สวัสดี ที่", "नमस्ते क्षि", "e\u0301", "→ … ─ €", "\u00A0", "\uE0B0", "\u2800", "ｶﾞ", "ㅋㅋㅋ"})
        expectKept(text);
}

TEST(SafeText, LeavesEmojiAlone) {
    for (const auto* text :
         {"😀", "❤️", "❤︎", "👍🏽", "☝️", "1️⃣", "#️⃣", "🇩🇪🇫🇷",
          "🏳️‍🌈", "👩‍❤️‍💋‍👩", "🏃🏽‍♀️‍➡️",
          "👨🏻‍👩🏽‍👧🏿‍👦🏾", "🇩", "©", "\U0001FAFF", "👩‍\U0001FAFF"})
        expectKept(text);
}

TEST(SafeText, DisarmsEscapeSequences) {
    expectMade("\x1B[2J", "\uFFFD[2J");
    expectMade("a\x1B]52;c;aGk=\x07z", "a\uFFFD]52;c;aGk=\uFFFDz");
    expectMade("\x1B\x1B\x1B", "\uFFFD");
    expectMade(
        "\x9B"
        "31m",
        "\uFFFD31m");
    expectMade(
        "\xC2\x9B"
        "31m",
        "\uFFFD31m");
    expectMade("\xC2\x85", "\uFFFD");
    expectMade("\x0E\x0F\x08\x7F", "\uFFFD");
    expectMade(std::string_view("a\0b", 3), "a\uFFFDb");
    expectMade("a\u2028\u2029b", "a\uFFFDb");
}

TEST(SafeText, TurnsNoReadingOrder) {
    expectMade("photo\u202Egpj.exe", "photo\uFFFDgpj.exe");
    expectMade("\u2066a\u2069", "\uFFFDa\uFFFD");
    expectMade("a\u200Eb\u200Fc\u061C", "a\uFFFDb\uFFFDc\uFFFD");
}

TEST(SafeText, ShowsWhereSomethingIsHidden) {
    for (const auto* hidden : {"\u200B", "\u2060", "\uFEFF", "\u00AD", "\u115F", "\u1160", "\u3164",
                               "\uFFA0", "\u034F", "\u200C", "\u200D", "\u180E", "\U000E0041",
                               "\U000E0101", "\u206A", "\uFFF9", "\U0001D173"})
        expectMade("bo" + std::string(hidden) + "b", "bo\uFFFDb");
}

TEST(SafeText, ReplacesARunByOneCharacter) {
    expectMade("a\u200B\x1B\xFF\uFFFD\u202E\x0B", "a\uFFFD");
    expectMade(
        "\xFF"
        "a\xFF",
        "\uFFFDa\uFFFD");
    expectMade(repeated("\u200B", 1'000), "\uFFFD");
}

TEST(SafeText, ReplacesInvalidBytes) {
    expectMade("\xC0\xAF", "\uFFFD");          // overlong
    expectMade("\xE0\x80\x80", "\uFFFD");      // overlong
    expectMade("\xED\xA0\x80", "\uFFFD");      // surrogate
    expectMade("\xF4\x90\x80\x80", "\uFFFD");  // beyond Unicode
    expectMade(
        "a\x80\xBF"
        "b",
        "a\uFFFDb");  // lone continuations
    expectMade(
        "a\xE2\x82"
        "b\xF0\x9F",
        "a\uFFFDb\uFFFD");  // cut short
}

TEST(SafeText, ReplacesWhatIsNoCharacter) {
    expectMade("a\uFFFE", "a\uFFFD");
    expectMade("a\uFDD0", "a\uFFFD");
    expectMade("a\u0378", "a\uFFFD");
    expectMade("a\U0010FFFF", "a\uFFFD");
}

TEST(SafeText, MakesSpacesOfTabsAndReturns) {
    expectMade("a\tb", "a b");
    expectMade("100%\rfake", "100% fake");
    expectMade("a\r\r\nb", "a  b");
}

TEST(SafeText, KeepsNewlinesOnlyWhereToldTo) {
    EXPECT_EQ(SafeText("a\nb\r\nc\rd\r").str(), "a b c d ");
    EXPECT_EQ(SafeText("a\nb\r\nc\rd\r", kKeep).str(), "a\nb\nc d ");
    EXPECT_EQ(SafeText("\r\n", kKeep).str(), "\n");
}

TEST(SafeText, LimitsTheMarksOfABase) {
    const std::string four = repeated("\u0301", 4);
    expectMade("a" + repeated("\u0301", 50) + "b", "a" + four + "b");
    expectMade("a" + repeated("\u0301", 50) + "b\u0301", "a" + four + "b\u0301");
    expectMade("ก" + repeated("\u0E33", 50), "ก" + repeated("\u0E33", 4));
    expectMade("😀" + repeated("\u20E3", 50), "😀" + repeated("\u20E3", 4));
}

TEST(SafeText, GivesTheFirstMarkSomethingToStandOn) {
    expectMade("\u0301a", "\u25CC\u0301a");
    expectMade(repeated("\u0301", 9), "\u25CC" + repeated("\u0301", 4));
    expectMade("\u093F", "\u25CC\u093F");
    expectMade("\u102B", "\u25CC\u102B");
    expectMade("\u20E3", "\u25CC\u20E3");
    expectMade(" \u0301", " \u0301");
    EXPECT_EQ(SafeText("a\n\u0301", kKeep).str(), "a\n\u25CC\u0301");
    EXPECT_EQ(SafeText("a\n\u0301").str(), "a \u0301");
}

TEST(SafeText, KeepsJoinersOnlyBetweenEmoji) {
    expectKept("👩‍🚀");
    expectMade("👩\u200D", "👩");
    expectMade("👩\u200Dx", "👩x");
    expectMade("👩\u200D\u200D🚀", "👩\u200D🚀");
    expectMade("\u200D👩", "\uFFFD👩");
    expectMade("1\u200D👩", "1\uFFFD👩");
    expectMade("👩\u20E3\u200D🚀", "👩\u20E3🚀");
    expectMade("👩\u200D\uFE0F🚀", "👩\uFE0F🚀");
}

TEST(SafeText, LeavesJoinersOutOfScriptsThatUseThem) {
    expectMade("می\u200Cخواهم", "میخواهم");
    expectMade("क्\u200Dष", "क्ष");
    expectMade("ᠮ\u180Bᠣ", "ᠮᠣ");
    expectMade("\u05D0\u034F\u05B0", "\u05D0\u05B0");
}

TEST(SafeText, KeepsSelectorsOnlyAfterWhatTheyVary) {
    expectMade("a\uFE0F", "a");
    expectMade("\uFE0F", "");
    expectMade("♡\uFE0E", "♡");
    expectMade("❤" + repeated("\uFE0F", 1'000), "❤\uFE0F");
    expectKept("葛\U000E0100");
    expectMade("葛\U000E0100\U000E0101", "葛\U000E0100\uFFFD");
    expectMade("😀\U000E0100", "😀\uFFFD");
    expectKept("凞\uFE00");
}

TEST(SafeText, KeepsSkinTonesOnlyOnEmoji) {
    expectKept("☝\uFE0F🏽");
    expectMade("🏽", "\uFFFD");
    expectMade("a🏽", "a\uFFFD");
    expectMade("👍🏽🏽🏽", "👍🏽\uFFFD");
}

TEST(SafeText, ShowsRegionalFlagsAsBlackOnes) {
    expectMade("🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F!", "🏴!");
    expectMade("👍\U000E0067\U000E007F!", "👍\uFFFD!");
}

TEST(SafeText, KeepsJamoOnlyInSyllables) {
    expectKept("\u1112\u1161\u11AB");
    expectKept("하\u11AB");
    expectMade("\u1112\u1112\u1112", "ㅎㅎㅎ");
    expectMade("a\u1161\u11AB", "aㅏㄴ");
    expectMade("한\u11AB", "한ㄴ");
    expectMade("\u1112\u1161\u1161", "\u1112\u1161ㅏ");
    expectMade("\u1175\u11C2\u1100", "ㅣㅎㄱ");
    expectMade("\u11C3", "\uFFFD");
}

TEST(SafeText, KeepsAPrefixOnlyBeforeWhatItBelongsTo) {
    expectKept("\u0600\u0661");
    expectMade("\u0600", "\uFFFD");
    expectMade("\u0600\u0600\u0661", "\uFFFD\u0600\u0661");
    expectMade("\u0600\n", "\uFFFD ");
}

TEST(SafeText, BreaksLongChainsOfEmoji) {
    const std::string safe = SafeText(repeated("👩\u200D", 1'000)).str();
    std::string_view rest = safe;
    size_t clusters = 0;
    for (; !rest.empty(); ++clusters) {
        const Cluster cluster = nextCluster(rest);
        EXPECT_EQ(cluster.columns, 2);
        EXPECT_TRUE(cluster.text.ends_with("👩"));
    }
    EXPECT_GT(clusters, 1'000 * 7 / kClusterBytesMax);
    EXPECT_LT(clusters, 200u);
}

// Properties of every safe text.

void expectHarmlessCodePoints(std::string_view text) {
    ASSERT_TRUE(utf8::isValid(text));
    while (!text.empty()) {
        const char32_t c = utf8::next(text);
        if (c == '\n' || c == 0x200D || (c >= 0xE0100 && c <= 0xE01EF)) continue;
        ASSERT_FALSE(utf8::isControl(c)) << std::hex << uint32_t{c};
        ASSERT_FALSE(utf8::isInvisible(c)) << std::hex << uint32_t{c};
    }
}

void expectHarmlessClusters(std::string_view text) {
    while (!text.empty()) {
        const Cluster cluster = nextCluster(text);
        ASSERT_LE(cluster.text.size(), kClusterBytesMax);
        if (cluster.text == "\n") continue;
        ASSERT_GE(cluster.columns, 1) << testing::PrintToString(std::string(cluster.text));
        ASSERT_LE(cluster.columns, 2);
    }
}

void expectSafe(std::string_view any, SafeText::Newlines newlines) {
    SCOPED_TRACE(testing::PrintToString(std::string(any)));
    const SafeText safe(any, newlines);
    expectHarmlessCodePoints(safe.view());
    expectHarmlessClusters(safe.view());
    ASSERT_EQ(SafeText(safe.view(), newlines), safe);
    ASSERT_LE(safe.str().size(), 3 * any.size());
    ASSERT_TRUE(newlines == kKeep || safe.str().find('\n') == std::string::npos);
}

std::string anyText(HostileText& hostile) {
    switch (hostile.below(3)) {
        case 0:
            return hostile.bytes(hostile.below(30));
        case 1:
            return hostile.codePoints(hostile.below(20));
        default:
            return hostile.pieces(hostile.below(30));
    }
}

TEST(SafeText, HoldsItsPromisesForAnyBytes) {
    constexpr uint32_t kSeed = 21;
    HostileText hostile(kSeed);
    for (int i = 0; i < 6'000; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(i));
        expectSafe(anyText(hostile), i % 2 == 0 ? kKeep : kToSpaces);
        if (HasFatalFailure()) return;
    }
}

TEST(SafeText, HoldsItsPromisesForEveryCodePoint) {
    for (char32_t c = 0; c <= 0x10FFFF; c += c < 0x20000 || c >= 0xE0000 ? 1 : 37) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        const SafeText alone(encoded(c)), after("a" + encoded(c));
        expectHarmlessClusters(alone.view());
        expectHarmlessClusters(after.view());
        ASSERT_EQ(SafeText(alone.view()), alone) << std::hex << uint32_t{c};
        ASSERT_EQ(SafeText(after.view()), after) << std::hex << uint32_t{c};
        if (HasFatalFailure()) FAIL() << std::hex << uint32_t{c};
    }
}

bool hasRegionalIndicator(std::string_view text) {
    while (!text.empty()) {
        const char32_t c = utf8::next(text);
        if (c >= 0x1F1E6 && c <= 0x1F1FF) return true;
    }
    return false;
}

TEST(SafeText, IsHarmlessNextToAnother) {
    constexpr uint32_t kSeed = 22;
    HostileText hostile(kSeed);
    for (int i = 0; i < 4'000; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(i));
        const SafeText left(anyText(hostile)), right(anyText(hostile));
        const std::string both = left.str() + right.str();
        expectHarmlessClusters(both);
        std::vector<std::string> clusters = clustersOf(left.view());
        for (const std::string& cluster : clustersOf(right.view())) clusters.push_back(cluster);
        ASSERT_TRUE(hasRegionalIndicator(both) || clustersOf(both) == clusters);
        if (HasFatalFailure()) return;
    }
}

// These take minutes where the time grows faster than the text.
TEST(SafeText, TakesLongTextsInLinearTime) {
    constexpr size_t kSize = 1 << 20;
    EXPECT_EQ(SafeText(std::string(kSize, 'a')).str().size(), kSize);
    EXPECT_EQ(SafeText(std::string(kSize, '\xFF')).str(), "\uFFFD");
    EXPECT_EQ(SafeText(repeated("a" + repeated("\u0301", 50), kSize / 101)).str().size(),
              kSize / 101 * 9);
    EXPECT_LT(SafeText(repeated("👩\u200D", kSize / 7)).str().size(), kSize);
    EXPECT_EQ(SafeText(repeated("❤\uFE0F\uFE0F\uFE0F", kSize / 12)).str().size(), kSize / 12 * 6);
}

}  // namespace
}  // namespace netchat::connect

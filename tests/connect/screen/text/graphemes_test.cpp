#include "modes/connect/screen/text/graphemes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "modes/connect/screen/text/width_ranges.h"
#include "protocol/utf8.h"
#include "tests/connect/screen/text/hostile_text.h"
#include "tests/connect/screen/text/text_pieces.h"

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kFamily = "👨🏻‍👩🏽‍👧🏿‍👦🏾";

void expectOne(std::string_view text, int columns, bool certain) {
    std::string_view rest = text;
    const Cluster cluster = nextCluster(rest);
    EXPECT_EQ(cluster.text, text);
    EXPECT_EQ(cluster.columns, columns) << text;
    EXPECT_EQ(cluster.certain, certain) << text;
    EXPECT_TRUE(rest.empty()) << text;
}

void expectCertain(std::string_view text, int columns) {
    expectOne(text, columns, true);
}
void expectUncertain(std::string_view text, int columns) {
    expectOne(text, columns, false);
}

TEST(Graphemes, TakesOneClusterOffTheFront) {
    std::string_view text = "e\u0301a";
    EXPECT_EQ(nextCluster(text).text, "e\u0301");
    EXPECT_EQ(text, "a");
    EXPECT_EQ(nextCluster(text).text, "a");
    EXPECT_TRUE(text.empty());
}

TEST(Graphemes, KnowsWhatAllTerminalsAgreeAbout) {
    for (const auto* text : {"a", " ", "~", "ß", "é", "Ω", "Я", "Ա", "ש", "م", "ก", "ღ", "ệ", "„"})
        expectCertain(text, 1);
    for (const auto* text : {"日", "本", "か", "ツ", "한", "各", "Ａ", "。", "𠀀", "ㅎ", "\u3000"})
        expectCertain(text, 2);
    expectCertain("ｶ", 1);
}

TEST(Graphemes, DoubtsWhatTerminalsDisagreeAbout) {
    for (const auto* text : {"…", "→", "─", "█", "“", "—", "•", "€", "±", "§", "★", "①"})
        expectUncertain(text, 1);
    expectUncertain("\uE0B0", 1);      // private use
    expectUncertain("\uFFFD", 1);      // replacement
    expectUncertain("\u0378", 1);      // unassigned
    expectUncertain("\U0001FAFF", 2);  // reserved for an emoji
    expectUncertain("\U0003FFF0", 2);  // reserved for an ideograph
    expectUncertain("क", 1);           // may become a ligature
}

TEST(Graphemes, TakesMarksWithTheirBase) {
    expectUncertain("e\u0301", 1);
    expectUncertain("Z\u0351\u036B\u0343", 1);
    expectUncertain("か\u3099", 2);
    expectUncertain(" \u0301", 1);
    expectUncertain("ที่", 1);
}

TEST(Graphemes, CountsMarksThatTakeColumnsOfTheirOwn) {
    expectUncertain("कि", 2);
    expectUncertain("กำ", 2);
    expectUncertain("ｶﾞ", 2);
    expectUncertain("\u0600१", 2);
    expectUncertain("কো", 2);
}

TEST(Graphemes, ShowsEmojiInTwoColumns) {
    expectUncertain("😀", 2);
    expectUncertain("👍🏽", 2);
    expectUncertain("❤️", 2);
    expectUncertain("☝🏻", 2);
    expectUncertain("1️⃣", 2);
    expectUncertain("🇩🇪", 2);
    expectUncertain("🏳️‍🌈", 2);
    expectUncertain("👁‍🗨", 2);
    expectUncertain(kFamily, 2);
    expectUncertain("🏴\U000E0067\U000E0062\U000E007F", 2);
}

TEST(Graphemes, LetsAVariationSelectorChooseOnlyForEmoji) {
    expectUncertain("❤", 1);
    expectUncertain("❤︎", 1);
    expectUncertain("★️", 1);
    expectUncertain("a️", 1);
}

TEST(Graphemes, GivesALoneRegionalIndicatorRoomForAPicture) {
    expectUncertain("🇩", 2);
    EXPECT_THAT(clustersOf("🇩🇪🇫🇷🇮"), ElementsAre("🇩🇪", "🇫🇷", "🇮"));
}

TEST(Graphemes, JoinsHangulSyllables) {
    expectUncertain("\u1112\u1161\u11AB", 2);
    expectUncertain("하\u11AB", 2);
    EXPECT_THAT(clustersOf("한글"), ElementsAre("한", "글"));
}

TEST(Graphemes, KeepsConsonantsOfAConjunctApart) {
    EXPECT_THAT(clustersOf("क्षि"), ElementsAre("क्", "षि"));
    EXPECT_THAT(clustersOf("नमस्ते"), ElementsAre("न", "म", "स्", "ते"));
}

TEST(Graphemes, JoinsOnlyEmojiByJoiners) {
    EXPECT_THAT(clustersOf("a\u200Db"), ElementsAre("a\u200D", "b"));
    EXPECT_THAT(clustersOf("👩\u200Db"), ElementsAre("👩\u200D", "b"));
    EXPECT_THAT(clustersOf("👩\u200D\U0001FAFF"), ElementsAre("👩\u200D\U0001FAFF"));
}

TEST(Graphemes, TakesInvalidBytesOneByOne) {
    EXPECT_THAT(clustersOf("a\xFF\xE2\x82"), ElementsAre("a", "\xFF", "\xE2", "\x82"));
    expectUncertain("\x9B", 1);
    EXPECT_THAT(clustersOf("\xFF\u0301"), ElementsAre("\xFF", "\u0301"));
}

TEST(Graphemes, GivesNothingToWhatIsNotSeen) {
    for (const auto* text : {"\n", "\t", "\x1B", "\x7F", "\r\n", "\u009B", "\u202E", "\u200B",
                             "\u200D", "\uFE0F", "\u0301", "\u115F", "\u3164", "\u2028", "\u00AD"})
        expectUncertain(text, 0);
    expectUncertain(std::string_view("\0", 1), 0);
}

TEST(Graphemes, CutsClustersThatAreTooLong) {
    const std::string text = "a" + repeated("\u0301", 100) + "b";
    std::string_view rest = text;
    while (!rest.empty()) EXPECT_LE(nextCluster(rest).text.size(), kClusterBytesMax);
    EXPECT_EQ(clustersOf(text).front().size(), 63u);
    EXPECT_EQ(clustersOf(text).back(), "b");
}

TEST(Graphemes, AddsUpColumns) {
    EXPECT_EQ(columnsOf(""), 0u);
    EXPECT_EQ(columnsOf("hello"), 5u);
    EXPECT_EQ(columnsOf("日本 e\u0301👍🏽"), 8u);
}

TEST(Graphemes, CutsAfterWholeClusters) {
    EXPECT_EQ(prefixOfColumns("hello", 3), "hel");
    EXPECT_EQ(prefixOfColumns("hello", 9), "hello");
    EXPECT_EQ(prefixOfColumns("hello", 0), "");
    EXPECT_EQ(prefixOfColumns("a日本", 2), "a");
    EXPECT_EQ(prefixOfColumns("a日本", 3), "a日");
    EXPECT_EQ(prefixOfColumns("e\u0301x", 1), "e\u0301");
}

TEST(Graphemes, StepsOverClusters) {
    const std::string text = "ae\u0301" + std::string(kFamily) + "日";
    const size_t size = text.size();
    EXPECT_EQ(clusterAfter(text, 0), 1u);
    EXPECT_EQ(clusterAfter(text, 1), 4u);
    EXPECT_EQ(clusterAfter(text, 4), 4 + kFamily.size());
    EXPECT_EQ(clusterAfter(text, size), size);
    EXPECT_EQ(clusterBefore(text, size), size - 3);
    EXPECT_EQ(clusterBefore(text, size - 3), 4u);
    EXPECT_EQ(clusterBefore(text, 4), 1u);
    EXPECT_EQ(clusterBefore(text, 1), 0u);
    EXPECT_EQ(clusterBefore(text, 0), 0u);
}

TEST(Graphemes, CountsFlagsFromTheirBeginning) {
    const std::string text = "x🇩🇪🇫🇷🇮";
    EXPECT_EQ(clusterBefore(text, text.size()), 17u);
    EXPECT_EQ(clusterBefore(text, 17), 9u);
    EXPECT_EQ(clusterBefore(text, 9), 1u);
}

void expectSameBackwards(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t begin = text.size() - rest.size();
        nextCluster(rest);
        const size_t end = text.size() - rest.size();
        ASSERT_EQ(clusterAfter(text, begin), end);
        ASSERT_EQ(clusterBefore(text, end), begin);
    }
}

TEST(Graphemes, FindsTheSameClustersBackwards) {
    constexpr uint32_t kSeed = 11;
    HostileText hostile(kSeed);
    for (int i = 0; i < 1'000; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(i));
        expectSameBackwards(hostile.pieces(20));
        expectSameBackwards(hostile.bytes(20));
        expectSameBackwards(hostile.codePoints(20));
        if (HasFatalFailure()) return;
    }
    expectSameBackwards("a" + repeated("\u0301", 100) + repeated("🇩", 9));
}

TEST(Graphemes, LosesNoByte) {
    constexpr uint32_t kSeed = 12;
    HostileText hostile(kSeed);
    for (int i = 0; i < 1'000; ++i) {
        const std::string text = hostile.pieces(20) + hostile.bytes(20);
        std::string joined;
        for (const std::string& cluster : clustersOf(text)) joined += cluster;
        ASSERT_EQ(joined, text) << "seed " << kSeed << ", round " << i;
    }
}

TEST(Graphemes, AgreesWithItsTableOfCertainWidths) {
    char32_t previous = 0;
    for (const CertainRange& range : kCertainRanges) {
        EXPECT_GT(range.first, previous);
        for (char32_t c = range.first; c <= range.last; ++c) {
            std::string_view text;
            const std::string bytes = encoded(c);
            text = bytes;
            ASSERT_EQ(nextCluster(text).columns, range.columns) << std::hex << uint32_t{c};
            ASSERT_NE(roleOf(c), Role::Unseen) << std::hex << uint32_t{c};
            ASSERT_NE(roleOf(c), Role::Mark) << std::hex << uint32_t{c};
        }
        previous = range.last;
    }
}

TEST(Graphemes, TellsRoles) {
    EXPECT_EQ(roleOf('a'), Role::Plain);
    EXPECT_EQ(roleOf(U'각'), Role::Plain);
    EXPECT_EQ(roleOf(U'가'), Role::Syllable);
    EXPECT_EQ(roleOf(U'❤'), Role::Pictograph);
    EXPECT_EQ(roleOf(U'\U0001FAFF'), Role::Pictograph);
    EXPECT_EQ(roleOf(U'\U0001F3FD'), Role::SkinTone);
    EXPECT_EQ(roleOf(0x0301), Role::Mark);
    EXPECT_EQ(roleOf(0x102B), Role::Mark);
    EXPECT_EQ(roleOf(0x0600), Role::Prefix);
    EXPECT_EQ(roleOf(0x1100), Role::Lead);
    EXPECT_EQ(roleOf(0x1161), Role::Vowel);
    EXPECT_EQ(roleOf(0x11A8), Role::Tail);
    for (const char32_t c : {0x0, 0x9B, 0x202E, 0x200D, 0xFE0F, 0x3164, 0x378, 0xFFFE, 0xD800})
        EXPECT_EQ(roleOf(c), Role::Unseen) << std::hex << uint32_t{c};
}

TEST(Graphemes, KnowsEmoji) {
    EXPECT_TRUE(isEmoji(U'😀'));
    EXPECT_TRUE(isEmoji(U'❤'));
    EXPECT_TRUE(isEmoji('1'));
    EXPECT_FALSE(isEmoji('a'));
    EXPECT_FALSE(isEmoji(U'★'));
    EXPECT_FALSE(isEmoji(U'日'));
}

}  // namespace
}  // namespace netchat::connect

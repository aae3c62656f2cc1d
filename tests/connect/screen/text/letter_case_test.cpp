#include "modes/connect/screen/text/letter_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

namespace netchat::connect {
namespace {

using ::testing::Optional;

TEST(LetterCase, KnowsEveryScriptThatHasCases) {
    const std::pair<std::string_view, std::string_view> kTexts[] = {
        {"HELLO, [World]_42", "hello, [world]_42"},
        {"ÀÉÎÖØÞ×ß÷", "àéîöøþ×ß÷"},
        {"ĀĮĲĶĹŇŊŶŸŹŽƠƯǍȘȚ", "āįĳķĺňŋŷÿźžơưǎșț"},
        {"ΆΈΊΌΎΏΑΡΣΫ", "άέίόύώαρσϋ"},
        {"ЀЏАЯѠҀҊҾӀӁӍӐԮ", "ѐџаяѡҁҋҿӏӂӎӑԯ"},
        {"ԱՖ", "աֆ"},
        {"ḀẔẠỾ", "ḁẕạỿ"},
        {"ＡＺ日本", "ａｚ日本"},
        {"ᲐᲑⰀⰁ", "აბⰰⰱ"},
        {"\U00010400\U00010427", "\U00010428\U0001044F"},
    };
    for (const auto& [upper, lower] : kTexts) {
        EXPECT_THAT(matchedBeginning(upper, lower), Optional(upper.size())) << upper;
        EXPECT_THAT(matchedBeginning(lower, upper), Optional(lower.size())) << upper;
    }
    EXPECT_THAT(matchedBeginning("ΟΔΟΣ", "οδος"), Optional(8u));
    for (const char32_t c : {U'a', U'[', U'@', U'×', U'ı', U'ŉ', U'҂', U'日', U'\U0010FFFF'}) {
        EXPECT_EQ(lowerCase(c), c) << static_cast<unsigned>(c);
    }
}

TEST(LetterCase, ComparesBeginnings) {
    EXPECT_THAT(matchedBeginning("Alice", "aL"), Optional(2u));
    EXPECT_THAT(matchedBeginning("Alice", ""), Optional(0u));
    EXPECT_EQ(matchedBeginning("al", "ali"), std::nullopt);
    EXPECT_EQ(matchedBeginning("alice", "b"), std::nullopt);
    EXPECT_EQ(commonBeginning("Ärger", "äRmel"), 3u);
    EXPECT_EQ(commonBeginning("é", "è"), 0u);
    EXPECT_EQ(commonBeginning("ab", "ABC"), 2u);
}

TEST(LetterCase, FindsAPattern) {
    EXPECT_THAT(CaselessPattern("APPLE").findIn("an Apple"), Optional(3u));
    EXPECT_THAT(CaselessPattern("ü日").findIn("xÜÜ日"), Optional(3u));
    EXPECT_THAT(CaselessPattern("").findIn("x"), Optional(0u));
    EXPECT_EQ(CaselessPattern("pear").findIn("an apple"), std::nullopt);
    EXPECT_EQ(CaselessPattern("x").findIn(""), std::nullopt);
}

TEST(LetterCase, FindsWhatAPlainSearchFinds) {
    for (unsigned seed = 1; seed <= 2000; ++seed) {
        std::mt19937 random(seed);
        const auto text = [&random](size_t size) {
            std::string some;
            while (some.size() < size) some += random() % 3 == 0 ? 'b' : 'a';
            return some;
        };
        const std::string haystack = text(30), needle = text(1 + random() % 7);
        const size_t place = haystack.find(needle);
        const auto found = CaselessPattern(needle).findIn(haystack);
        ASSERT_EQ(found.value_or(std::string::npos), place) << "seed " << seed;
    }
}

}  // namespace
}  // namespace netchat::connect

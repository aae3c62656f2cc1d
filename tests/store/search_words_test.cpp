#include "modes/store/search_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool finds(std::string_view question, std::string_view text) {
    return contains(folded(text), wordsOf(question));
}

TEST(SearchWords, ArePartsOfATextInAnyOrder) {
    EXPECT_TRUE(finds("world hello", "Hello, World"));
    EXPECT_TRUE(finds("wor", "Hello, World"));
    EXPECT_TRUE(finds("orld", "Hello, World"));
    EXPECT_FALSE(finds("world hello you", "Hello, World"));
    EXPECT_TRUE(finds("suspend", "it was suspended"));
    EXPECT_TRUE(finds("example.com", "see https://www.example.com/a?b=c"));
    EXPECT_FALSE(finds("examplecom", "see https://www.example.com/a?b=c"));
}

TEST(SearchWords, AreFoundInTextsWithoutSpaces) {
    EXPECT_TRUE(finds("東京", "明日は東京に行きます"));
    EXPECT_TRUE(finds("猫", "黒い猫がいる"));
    EXPECT_TRUE(finds("한국", "저는 한국어를 배웁니다"));
    EXPECT_FALSE(finds("京東", "明日は東京に行きます"));
    EXPECT_TRUE(finds("東京　行き", "明日は東京に行きます")) << "a wide space parts words, too";
}

TEST(SearchWords, DoNotMindCaseAccentsAndWidth) {
    EXPECT_TRUE(finds("creme brulée", "Crème BRÛLÉE"));
    EXPECT_TRUE(finds("ПРИВЕТ", "привет всем"));
    EXPECT_TRUE(finds("елка", "Ёлка"));
    EXPECT_TRUE(finds("ёлка", "Елка"));
    EXPECT_TRUE(finds("замок", "за\u0301мок"));
    EXPECT_TRUE(finds("STRASSE", "Straße"));
    EXPECT_TRUE(finds("αθηνα", "Αθήνα"));
    EXPECT_TRUE(finds("istanbul", "İSTANBUL"));
    EXPECT_TRUE(finds("abc", "ＡＢＣ"));
    EXPECT_TRUE(finds("カタカナ", "ｶﾀｶﾅ"));
    EXPECT_TRUE(finds("שלום", "שָׁלוֹם"));
    EXPECT_TRUE(finds("caf\u00e9", "cafe\u0301"));
}

TEST(SearchWords, MindMarksThatMakeAnotherLetter) {
    EXPECT_FALSE(finds("чаи", "чай"));
    EXPECT_TRUE(finds("чай", "чаи\u0306"));
    EXPECT_FALSE(finds("іі", "її"));
    EXPECT_FALSE(finds("かき", "がぎ"));
    EXPECT_TRUE(finds("が", "か\u3099"));
}

TEST(SearchWords, MayBeSymbols) {
    EXPECT_TRUE(finds("😀", "well done 😀!"));
    EXPECT_TRUE(finds("❤", "I ❤️ it")) << "without the selector of its look";
    EXPECT_TRUE(finds("👩", "the 👨‍👩‍👧 came"));
    EXPECT_TRUE(finds("c++", "written in C++, mostly"));
    EXPECT_FALSE(finds("c++", "written in C, mostly"));
}

TEST(SearchWords, AreTakenAsTypedButForQuotesAndAStar) {
    EXPECT_THAT(wordsOf("  The\tQUICK\n\"brown fox\" qui* the"),
                ElementsAre("the", "quick", "brown", "fox", "qui"));
    EXPECT_THAT(wordsOf("* \" a*b -x"), ElementsAre("*", "\"", "a*b", "-x"));
    EXPECT_THAT(wordsOf(" \t\n \u3000\u200B"), IsEmpty());
}

TEST(SearchWords, TermsAreThreesAndTheEndsOfWords) {
    EXPECT_EQ(indexTerms("ab мир! 東"), "ab b мир ир! р! ! 東 ");
    EXPECT_EQ(indexTerms(""), "");
}

TEST(SearchWords, NothingTypedIsAnOperator) {
    EXPECT_EQ(indexQuestion(wordsOf("a\"b OR NEAR(x")).expression,
              "\"a\"\"b\" AND \"ar(\" AND \"ear\" AND \"nea\" AND \"r(x\"");
    EXPECT_EQ(indexQuestion(wordsOf("or")).expression, "\"or\"*");
    EXPECT_EQ(indexQuestion(wordsOf("猫 dog or")).expression, "\"dog\" AND \"猫\"*");
}

TEST(SearchWords, TheIndexIsAskedForABoundedNumberOfTerms) {
    std::string many;
    for (char c = 'a'; c <= 'z'; ++c) many += std::string(1, c) + ' ';
    EXPECT_EQ(indexQuestion(wordsOf(many)).expression, "\"a\"* AND \"b\"*");
    EXPECT_TRUE(indexQuestion(wordsOf(many)).isWide);
    EXPECT_FALSE(indexQuestion(wordsOf(many + "猫")).isWide);
    std::string longWord;
    for (int i = 0; i < 60; ++i) longWord += std::to_string(i * i);
    EXPECT_LT(indexQuestion(wordsOf(longWord)).expression.size(), 24u * 12);
}

}  // namespace
}  // namespace netchat::store

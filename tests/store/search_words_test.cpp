#include "modes/store/search_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool finds(std::string_view question, std::string_view text) {
    return occurIn(readQuestion(question), wordsOf(text));
}

TEST(SearchWords, AreRunsOfLettersAndDigitsWithoutRegardToCase) {
    EXPECT_THAT(wordsOf("Hello, WORLD! x2"), ElementsAre("hello", "world", "x2"));
    EXPECT_THAT(wordsOf("ПРИВЕТ, Ärger"), ElementsAre("привет", "ärger"));
    EXPECT_THAT(wordsOf("... \xF0\x9F\x98\x80"), IsEmpty());
}

TEST(SearchWords, AllPartsMustOccurInAnyOrder) {
    EXPECT_TRUE(finds("world hello", "Hello, World"));
    EXPECT_FALSE(finds("world hello you", "Hello, World"));
    EXPECT_FALSE(finds("wor", "Hello, World"));
}

TEST(SearchWords, AStarAtTheEndStandsForAnyEnding) {
    EXPECT_TRUE(finds("wor*", "Hello, World"));
    EXPECT_TRUE(finds("hello*", "Hello, World"));
    EXPECT_FALSE(finds("orld*", "Hello, World"));
}

TEST(SearchWords, APartOfSeveralWordsAsksForThemInARow) {
    EXPECT_TRUE(finds("foo-bar", "a foo bar"));
    EXPECT_TRUE(finds("foo-b*", "a foo bar"));
    EXPECT_FALSE(finds("foo-bar", "foo and bar"));
}

TEST(SearchWords, AQuestionWithoutAWordAsksForNothing) {
    EXPECT_THAT(readQuestion(" - * \" ** "), IsEmpty());
}

TEST(SearchWords, NothingTypedIsAnOperator) {
    EXPECT_EQ(ftsExpression(readQuestion("a OR b* NEAR(x) \"c\"d -e text:f")),
              "\"a\" AND \"OR\" AND \"b\"* AND \"NEAR(x)\" AND \"\"\"c\"\"d\" AND \"-e\" AND "
              "\"text:f\"");
}

}  // namespace
}  // namespace netchat::store

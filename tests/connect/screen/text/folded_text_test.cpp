// Which texts are the same for whoever looks for a name or a word.

#include "modes/connect/screen/text/folded_text.h"

#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

using Part = FoldedText::Part;

std::optional<Part> find(std::string_view text, std::string_view wanted) {
    return FoldedText(text).find(FoldedText(wanted));
}
bool hasWord(std::string_view text, std::string_view word) {
    return FoldedText(text).findWord(FoldedText(word)).has_value();
}
bool fits(std::string_view text, std::string_view words) {
    return SoughtWords(words).fit(FoldedText(text, FoldedText::Accents::Strip));
}

TEST(FoldedText, TakesWhatNicksAreMadeOfForPartsOfWords) {
    for (const char* text : {"alice-bot: hi", "my-alice", "alice_2", "alice2", "alice|away"}) {
        EXPECT_FALSE(hasWord(text, "alice")) << text;
    }
    for (const char* text : {"alice: hi", "(alice)", "@alice", "alice - hi", "alice,bob", "'alice'",
                             "alice/bob", "alice."}) {
        EXPECT_TRUE(hasWord(text, "alice")) << text;
    }
    EXPECT_TRUE(hasWord("hi alice-bot", "alice-bot"));
}

TEST(FoldedText, FindsWithoutRegardToCaseInAnyScript) {
    EXPECT_EQ(find("hello BOB", "bob"), (Part{6, 9}));
    EXPECT_EQ(find("привет, ИВАН!", "иван"), (Part{14, 22}));
    EXPECT_TRUE(find("ΟΔΥΣΣΕΥΣ", "οδυσσευς")) << "two small sigmas";
    EXPECT_TRUE(find("STRASSE", "straße"));
    EXPECT_TRUE(find("ÉMILE", "émile"));
    EXPECT_TRUE(find("Դավիթ", "դավիթ"));
    EXPECT_FALSE(find("emile", "émile"));
    EXPECT_FALSE(find("", "bob"));
    EXPECT_FALSE(find("bob", ""));
}

TEST(FoldedText, ComparesHoweverAccentsAreWritten) {
    EXPECT_EQ(find("salut e\u0301mile", "émile"), (Part{6, 13}));
    EXPECT_TRUE(find("salut ÉMILE", "e\u0301mile"));
}

TEST(FoldedText, WhatIsFoundEndsWithAWholeCluster) {
    EXPECT_FALSE(find("alice\u0301 said", "alice")) << "that is somebody else";
    EXPECT_FALSE(find("bob\u0332", "bob")) << "a mark that composes with nothing";
    EXPECT_FALSE(find("a\U0001F469\u200D\U0001F4BB", "a\U0001F469"));
    EXPECT_TRUE(find("a\U0001F469\u200D\U0001F4BB", "a\U0001F469\u200D\U0001F4BB"));
    EXPECT_FALSE(find("ﬃ", "f")) << "one letter that folds to three";
}

TEST(FoldedText, AWordIsNotPartOfAnother) {
    EXPECT_TRUE(hasWord("¿иван?", "Иван"));
    EXPECT_TRUE(hasWord("ivan иванов ИВАН", "иван"));
    EXPECT_FALSE(hasWord("иванов", "иван"));
    EXPECT_FALSE(hasWord("живан", "иван"));
    EXPECT_FALSE(hasWord("bob_", "bob"));
    EXPECT_TRUE(hasWord("kebob @bob", "bob"));
}

TEST(SoughtWords, FitATextThatHasEachOfThemInAnyOrder) {
    EXPECT_TRUE(fits("the build was suspended today", "suspend build"));
    EXPECT_FALSE(fits("the build", "suspend build"));
    EXPECT_TRUE(fits("Un café crème", "CAFE"));
    EXPECT_TRUE(fits("ещё раз", "еще"));
    EXPECT_FALSE(fits("мой", "мои")) << "a letter of its own";
    EXPECT_TRUE(fits("МОЙ", "мой"));
    EXPECT_FALSE(fits("anything", "  "));
}

TEST(SoughtWords, SayWhereTheyAre) {
    const SoughtWords words("an o");
    const auto parts = words.partsOf(FoldedText("Ann and Bo", FoldedText::Accents::Strip));
    EXPECT_EQ(parts, (std::vector<Part>{{0, 2}, {4, 6}, {9, 10}}));
}

}  // namespace
}  // namespace netchat::connect

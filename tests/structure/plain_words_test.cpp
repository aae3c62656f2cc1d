// The rule for plain words, by itself: what is prose, what is a sentence, what is too long.

#include "tests/support/plain_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string ofWords(size_t count) {
    std::string text = "One";
    for (size_t i = 1; i < count; ++i) text += " word";
    return text + ".";
}

std::vector<std::string> proseSentences(const char* document) {
    return sentences(markdownProse(document));
}

TEST(PlainWords, SentencesEndAtStopsAndAtBlankLines) {
    EXPECT_THAT(
        sentences("A line\ngoes on. Is it \"so?\" Yes!\n\nNo stop\n\nand a new one"),
        ElementsAre("A line goes on.", "Is it \"so?\"", "Yes!", "No stop", "and a new one"));
}

TEST(PlainWords, AStopInsideOfAWordOrAnAbbreviationEndsNothing) {
    EXPECT_THAT(sentences("It takes 0.5 s, e.g. for a.txt; that is slow."),
                ElementsAre("It takes 0.5 s, e.g. for a.txt; that is slow."));
}

TEST(PlainWords, SignsAreNoWords) {
    EXPECT_EQ(countWords("one – two · -- 3 → | é"), 4u);
    EXPECT_EQ(countWords(""), 0u);
}

TEST(PlainWords, MarkdownHasProseBesideCodeTablesHeadingsAndPictures) {
    EXPECT_THAT(proseSentences("# A heading\n\n"
                               "Text of two\nlines.\n"
                               "## Another\n"
                               "![a picture](a.svg)\n\n"
                               "[a](#a) · [menu](#b)\n\n"
                               "    code by its indent\n\n"
                               "    also after a blank line\n\n"
                               "```sh\nfenced code\n```\n"
                               "| a | table |\n| --- | --- |\n\n"
                               "The end.\n"),
                ElementsAre("Text of two lines.", "The end."));
}

TEST(PlainWords, AnItemOfAListIsABlockAndItsIndentIsNoCode) {
    EXPECT_THAT(proseSentences("Two things:\n\n- the one\n  that goes on\n- the other\n"
                               "1. a number\n\n    and its second paragraph\n\nAfterwards.\n"),
                ElementsAre("Two things:", "the one that goes on", "the other", "a number",
                            "and its second paragraph", "Afterwards."));
}

TEST(PlainWords, InlineCodeIsOneWordAndALinkIsItsText) {
    EXPECT_THAT(proseSentences("Run `netchat log verify. Now` and read [the *manual*](cmd/M.md)."),
                ElementsAre("Run code and read the manual."));
}

TEST(PlainWords, HelpHasItsDescriptionAndTheTextOfEachOption) {
    EXPECT_THAT(sentences(helpProse("usage: netchat a [SCRIPT]\n       netchat a -\n\n"
                                    "Does a thing\nin two lines.\n\n"
                                    "Where:\n"
                                    "  -p, --port PORT    the port to listen\n"
                                    "                     on. 0 takes any (default: 1 (one);\n"
                                    "                     also PORT in the environment)\n"
                                    "      --flag         says so\n\n"
                                    "Exit codes:\n  0     fine\n\n"
                                    "Examples:\n  netchat a --port 1\n")),
                ElementsAre("Does a thing in two lines.", "the port to listen on.", "0 takes any",
                            "says so", "fine"));
}

TEST(PlainWords, ASentenceIsTooLongFromOneWordBeyondTheBoundOn) {
    const std::string text = ofWords(35) + " " + ofWords(36);
    EXPECT_THAT(longSentences(text), ElementsAre(ofWords(36)));
}

TEST(PlainWords, TheMeanLeavesOutFragments) {
    EXPECT_DOUBLE_EQ(meanWords(ofWords(3) + " " + ofWords(3)), 0);
    EXPECT_DOUBLE_EQ(meanWords(ofWords(4) + " " + ofWords(2) + " " + ofWords(10)), 7);
}

TEST(PlainWords, WhatBreaksTheRuleIsNamedWithItsFileAndSentence) {
    EXPECT_THAT(unplainWords("A.md", ofWords(18)), IsEmpty());
    EXPECT_THAT(unplainWords("A.md", ofWords(36)),
                ElementsAre(AllOf(StartsWith("A.md: a sentence of 36 words, at most 35: One"),
                                  HasSubstr("word.")),
                            "A.md: 36.0 words in a sentence on average, at most 18"));
    EXPECT_THAT(unplainWords("A.md", ofWords(18) + " " + ofWords(19)),
                ElementsAre("A.md: 18.5 words in a sentence on average, at most 18"));
}

}  // namespace
}  // namespace netchat::test

#include "protocol/utf8.h"

#include <gtest/gtest.h>

#include "tests/protocol/random_bytes.h"

namespace netchat {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, ReadsAndWritesEveryCodePoint) {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text;
        utf8::append(text, c);
        std::string_view rest = text;
        ASSERT_EQ(utf8::next(rest), c);
        ASSERT_TRUE(rest.empty());
    }
}

TEST(Utf8, RefusesWhatTheStandardRefuses) {
    for (const auto text :
         {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv,
          "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x80\x80\x80"sv, "\xF4\x90\x80\x80"sv,
          "\xF5\x80\x80\x80"sv, "\xFF"sv, "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv, "\xC3("sv,
          "ok\xE2\x28\xA1"sv}) {
        EXPECT_FALSE(utf8::isValid(text)) << text;
    }
    for (const auto text :
         {""sv, "a\0b"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv, "привет"sv}) {
        EXPECT_TRUE(utf8::isValid(text)) << text;
    }
}

TEST(Utf8, AnInvalidSequenceCostsOneByte) {
    std::string_view text = "\xE2\x82x";
    EXPECT_EQ(utf8::next(text), utf8::kInvalid);
    EXPECT_EQ(text.size(), 2u);
}

TEST(Utf8, CountsCodePoints) {
    EXPECT_EQ(utf8::length(""), 0u);
    EXPECT_EQ(utf8::length("приветA"), 7u);
    EXPECT_EQ(utf8::length("\xFF\xFE"), 2u);
}

TEST(Utf8, RepairsWhatIsInvalid) {
    EXPECT_EQ(utf8::repaired("a\xFF\xE2\x82z"), "a\uFFFD\uFFFD\uFFFDz");
    EXPECT_EQ(utf8::repaired("привет"), "привет");
}

TEST(Utf8, APrefixCutsNoCodePoint) {
    EXPECT_EQ(utf8::prefix("aпb", 0), "");
    EXPECT_EQ(utf8::prefix("aпb", 1), "a");
    EXPECT_EQ(utf8::prefix("aпb", 2), "a");
    EXPECT_EQ(utf8::prefix("aпb", 3), "aп");
    EXPECT_EQ(utf8::prefix("aпb", 99), "aпb");
    EXPECT_EQ(utf8::prefix("a\xFFz", 99), "a");
}

TEST(Utf8, RepairedRandomBytesAreValid) {
    forEachSeed(200, [](Random& random) {
        const std::string bytes = random.bytes(random.upTo(200));
        EXPECT_TRUE(utf8::isValid(utf8::repaired(bytes)));
        EXPECT_TRUE(utf8::isValid(utf8::prefix(bytes, random.upTo(200))));
        EXPECT_EQ(utf8::length(utf8::repaired(bytes)), utf8::length(bytes));
    });
}

TEST(CodePoints, WhatHidesOrMovesTextIsNamed) {
    for (const char32_t c : {0x00, 0x1B, 0x7F, 0x85, 0x9B, 0x2028}) EXPECT_TRUE(utf8::isControl(c));
    for (const char32_t c : {0x200B, 0x200E, 0x202E, 0x2066, 0xFEFF, 0xE0041}) {
        EXPECT_TRUE(utf8::isInvisible(c));
    }
    for (const char32_t c : {' ', '\t', '\n', char(0x0B)}) EXPECT_TRUE(utf8::isSpace(c));
    for (const char32_t c : {0xA0, 0x2003, 0x3000}) EXPECT_TRUE(utf8::isSpace(c));
    for (const char32_t c : {U'a', U'ж', U'中', U'😀'}) {
        EXPECT_FALSE(utf8::isControl(c) || utf8::isInvisible(c) || utf8::isSpace(c));
    }
}

// The number and a hash (FNV-1a over four bytes each, little endian) of the code points that `\w`
// of Python 3.11 matches.
TEST(CodePoints, WordCharactersAreThoseOfPython) {
    uint64_t count = 0, hash = 0xcbf29ce484222325;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if ((c >= 0xD800 && c <= 0xDFFF) || !utf8::isPythonWord(c)) continue;
        ++count;
        for (int shift = 0; shift < 32; shift += 8) {
            hash = (hash ^ (c >> shift & 0xFF)) * 0x100000001b3;
        }
    }
    EXPECT_EQ(count, 133'548u);
    EXPECT_EQ(hash, 0x58674e6d8e8cb7d2u);
}

}  // namespace
}  // namespace netchat

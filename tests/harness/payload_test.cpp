#include "harness/plan/payload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "protocol/names.h"
#include "protocol/utf8.h"

namespace netchat::harness {
namespace {

constexpr PayloadStyle kStyle{.seed = 42, .size = 64};

TEST(Payload, IsValidTextOfTheSizeAskedForInEverySize) {
    for (uint64_t size = kPayloadBytesMin; size < 300; ++size) {
        for (uint32_t number = 0; number < 40; ++number) {
            const std::string text = makeText({.seed = 7, .size = size}, 3, number);
            ASSERT_EQ(text.size(), size);
            ASSERT_TRUE(utf8::isValid(text)) << text;
        }
    }
}

TEST(Payload, SaysWhoSentIt) {
    for (uint32_t number = 0; number < 1000; ++number) {
        const auto mark = readMark(kStyle, makeText(kStyle, 17, number));
        ASSERT_TRUE(mark);
        EXPECT_EQ(mark->sender, 17U);
        EXPECT_EQ(mark->number, number);
    }
}

TEST(Payload, HoldsWhatIsHardForEitherDialect) {
    size_t matching = 0, foreign = 0, tabs = 0, lines = 0, commands = 0;
    for (uint32_t number = 0; number < 1000; ++number) {
        const std::string text = makeText(kStyle, 1, number);
        matching += matchesFileRule(text);
        foreign += std::any_of(text.begin(), text.end(), [](char c) { return c < 0; });
        tabs += text.find('\t') != std::string::npos;
        lines += text.find('\n') != std::string::npos;
        commands += text.starts_with('!');
    }
    for (const size_t share : {matching, foreign, tabs, lines, commands}) EXPECT_GT(share, 20U);
}

TEST(Payload, IsAsciiWhereAsked) {
    for (uint32_t number = 0; number < 1000; ++number) {
        const std::string text = makeText({.seed = 1, .size = 64, .asciiOnly = true}, 1, number);
        ASSERT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c > 0; }));
    }
}

TEST(Payload, NoticesEveryChangedByte) {
    for (uint32_t number = 0; number < 20; ++number) {
        const std::string text = makeText(kStyle, 1, number);
        EXPECT_TRUE(isAsSaid(text, text, false));
        for (size_t i = 0; i < text.size(); ++i) {
            std::string changed = text;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            EXPECT_FALSE(isAsSaid(text, changed, true));
        }
        EXPECT_FALSE(isAsSaid(text, text.substr(1), true));
        EXPECT_FALSE(isAsSaid(makeText(kStyle, 2, number), text, true));
    }
}

TEST(Payload, AllowsASpaceOnlyToClassicTextsThatMatchTheFileRule) {
    for (uint32_t number = 0; number < 200; ++number) {
        const std::string text = makeText(kStyle, 1, number);
        EXPECT_EQ(isAsSaid(text, text + ' ', true), matchesFileRule(text));
        EXPECT_FALSE(isAsSaid(text, text + ' ', false));
    }
}

TEST(Payload, DiffersByNumberSenderAndSeed) {
    std::set<std::string> texts;
    for (uint32_t number = 0; number < 100; ++number) {
        for (uint32_t sender = 0; sender < 3; ++sender) {
            for (uint64_t seed = 0; seed < 3; ++seed) {
                texts.insert(makeText({.seed = seed, .size = 64}, sender, number));
            }
        }
    }
    EXPECT_EQ(texts.size(), 900U);
}

TEST(Payload, DoesNotTakeOtherTextsForItsOwn) {
    EXPECT_FALSE(readMark(kStyle, ""));
    EXPECT_FALSE(readMark(kStyle, "hello"));
    EXPECT_FALSE(readMark(kStyle, runName(42)));
    EXPECT_FALSE(readMark(kStyle, runName(42) + ".1.x."));
    EXPECT_FALSE(readMark(kStyle, runName(42) + ".1.2"));
    EXPECT_FALSE(readMark(kStyle, runName(42) + ".99999999999.2."));
    EXPECT_FALSE(readMark(kStyle, runName(43) + ".1.2."));
}

TEST(Payload, FilesAreTheSameInAnyPieces) {
    const std::string whole = fileBytes(5, 1, 0, 1000);
    ASSERT_EQ(whole.size(), 1000U);
    std::string pieces;
    for (const uint64_t size : {1, 7, 8, 9, 100, 375, 500}) {
        pieces += fileBytes(5, 1, pieces.size(), size);
    }
    EXPECT_EQ(pieces, whole);
    EXPECT_NE(fileBytes(5, 2, 0, 1000), whole);
    EXPECT_NE(fileBytes(6, 1, 0, 1000), whole);
}

}  // namespace
}  // namespace netchat::harness

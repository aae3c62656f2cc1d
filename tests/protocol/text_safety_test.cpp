#include "protocol/text_safety.h"

#include <gtest/gtest.h>

#include "protocol/utf8.h"
#include "tests/protocol/random_bytes.h"

namespace netchat {
namespace {

TEST(Neutralised, KeepsOrdinaryText) {
    EXPECT_EQ(neutralised("привет, 世界 😀"), "привет, 世界 😀");
}

TEST(Neutralised, TakesAwayWhatATerminalWouldObey) {
    EXPECT_EQ(neutralised("a\x1B[31mb"), "a\uFFFD[31mb");
    EXPECT_EQ(neutralised("a\u009B31mb\x07\x7F\r"), "a\uFFFD31mb\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(neutralised("a\u202Eb\u2066c\u200Bd"), "a\uFFFDb\uFFFDc\uFFFDd");
    EXPECT_EQ(neutralised("a\xFF\xC3"), "a\uFFFD\uFFFD");
}

TEST(Neutralised, KeepsNewlinesOnlyWhereAsked) {
    EXPECT_EQ(neutralised("a\nb\tc"), "a b c");
    EXPECT_EQ(neutralised("a\nb\tc", true), "a\nb c");
}

TEST(Neutralised, RandomBytesBecomeHarmless) {
    forEachSeed(200, [](Random& random) {
        const std::string text = neutralised(random.bytes(random.upTo(300)));
        for (std::string_view rest = text; !rest.empty();) {
            const char32_t c = utf8::next(rest);
            ASSERT_TRUE(c != utf8::kInvalid && !utf8::isControl(c) && !utf8::isInvisible(c));
        }
    });
}

TEST(EscapedJson, WritesWhatATerminalWouldObeyOrHideAsNumbers) {
    EXPECT_EQ(escapedJson("{\"a\":\"\u009B31m\x7F\"}"), R"({"a":"\u009B31m\u007F"})");
    EXPECT_EQ(escapedJson("\"\u202Eb\u2066\u200B\u2028\""), R"("\u202Eb\u2066\u200B\u2028")");
    EXPECT_EQ(escapedJson("\"\U000E0041\""), R"("\uDB40\uDC41")");
    EXPECT_EQ(escapedJson("[\n\"привет, 世界 😀\"]"), "[\n\"привет, 世界 😀\"]");
}

TEST(ForLog, IsOneShortLine) {
    EXPECT_EQ(forLog("a\nb"), "a b");
    EXPECT_EQ(forLog("приветик", 6), "привет…");
    EXPECT_EQ(forLog("привет", 6), "привет");
}

}  // namespace
}  // namespace netchat

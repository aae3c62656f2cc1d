#include "modes/net/make_charset.h"

#include <gmock/gmock.h>

#include "protocol/classic.h"
#include "protocol/names.h"

namespace netchat::net {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string encoded(std::string_view charset, std::string_view text) {
    const auto made = makeCharset(charset);
    if (!made) return "(unknown charset)";
    std::string buffer;
    return std::string(made->fromUtf8(text, buffer));
}

std::string decoded(std::string_view charset, std::string_view bytes) {
    const auto made = makeCharset(charset);
    if (!made) return "(unknown charset)";
    std::string buffer;
    const auto text = made->toUtf8(bytes, buffer);
    return text ? std::string(*text) : "(" + std::string(errorName(text.error().code)) + ")";
}

struct CharsetCase {
    std::string_view charset, text;
    std::string bytes;
};

// The bytes are what Python's str.encode() gives for the same names.
const CharsetCase kCases[] = {
    {"utf-8", "Привет", "Привет"},
    {"cp1251", "Привет", "\xCF\xF0\xE8\xE2\xE5\xF2"},
    {"koi8-r", "Привет", "\xF0\xD2\xC9\xD7\xC5\xD4"},
    {"cp866", "Привет", "\x8F\xE0\xA8\xA2\xA5\xE2"},
    {"iso8859-5", "Привет", "\xBF\xE0\xD8\xD2\xD5\xE2"},
    {"utf-16", "Привет", "\xFF\xFE\x1F\x04\x40\x04\x38\x04\x32\x04\x35\x04\x42\x04"},
    {"utf-16", "", "\xFF\xFE"},
    {"utf-16", "\U0001F600", "\xFF\xFE\x3D\xD8\x00\xDE"s},
    {"utf-16-le", "hi", "h\0i\0"s},
    {"utf-16-be", "hi", "\0h\0i"s},
    {"utf-32", "hi", "\xFF\xFE\0\0h\0\0\0i\0\0\0"s},
    {"latin-1", "café", "caf\xE9"},
    {"cp1252", "€5", "\x80\x35"},
    {"shift_jis", "日本語 ok", "\x93\xFA\x96\x7B\x8C\xEA ok"},
    {"iso2022_jp", "日本語 ok", "\x1B$BF|K\\8l\x1B(B ok"},
};

TEST(Charset, SaysAndReadsKnownBytes) {
    for (const auto& known : kCases) {
        EXPECT_EQ(encoded(known.charset, known.text), known.bytes) << known.charset;
        EXPECT_EQ(decoded(known.charset, known.bytes), known.text) << known.charset;
    }
}

TEST(Charset, KnowsPythonsSpellings) {
    for (const auto* name : {"utf_8",
                             "UTF-8",
                             "utf8",
                             "U8",
                             "koi8_r",
                             "KOI8-R",
                             "latin-1",
                             "latin1",
                             "L1",
                             "iso-8859-1",
                             "iso8859_15",
                             "cp1251",
                             "windows-1251",
                             "1251",
                             "cp866",
                             "866",
                             "ibm866",
                             "utf_16_le",
                             "UTF16",
                             "utf-16be",
                             "ascii",
                             "us-ascii",
                             "mac_cyrillic",
                             "shift_jis",
                             "sjis",
                             "euc_jp",
                             "gb18030",
                             "big5",
                             "cp437",
                             "tis_620",
                             "ms932",
                             "euc_kr",
                             "ks_c_5601-1987",
                             "x-mac-japanese",
                             "utf_16_be",
                             "ISO_646.irv:1991"}) {
        EXPECT_TRUE(makeCharset(name)) << name;
    }
}

TEST(Charset, IsNullForAnUnknownName) {
    for (const auto* name :
         {"", " ", "klingon", "utf-9", "hz", "rot_13", "unicode_escape", "iso2022_jp_2",
          "utf-8//IGNORE", "cp1251//TRANSLIT", "/", "../../x", "utf-8,x"}) {
        EXPECT_FALSE(makeCharset(name)) << name;
    }
}

TEST(Charset, PutsAQuestionMarkForWhatItCannotSay) {
    EXPECT_EQ(encoded("cp1251", "мир 世界!"),
              "\xEC\xE8\xF0 ?"
              "?!");
    EXPECT_EQ(encoded("ascii", "naïve \U0001F600"), "na?ve ?");
    // The charset's own shift state must be left first.
    EXPECT_EQ(encoded("iso2022_jp", "日\U0001F600"), "\x1B$BF|\x1B(B?");
}

// All of the basic plane is compared by check_charsets.py; these are the ones that people met.
TEST(Charset, SaysWhatPythonsStrictCodecReads) {
    EXPECT_EQ(encoded("big5", "5 €"), "5 ?");
    EXPECT_EQ(encoded("gbk", "5 €"), "5 ?");
    EXPECT_EQ(encoded("gb18030", "5 €"), "5 \xA2\xE3");
    EXPECT_EQ(encoded("shift_jis", "~ \\ ¥ ‾"), "~ \\ ? ?");
    EXPECT_EQ(encoded("euc_jp", "~ \\ ¥ ‾"), "~ \\ ? ?");
    EXPECT_EQ(encoded("cp932", "～ 〜"), "\x81\x60 ?");
    EXPECT_EQ(encoded("johab", "\\ ₩"), "\\ ?");
    EXPECT_EQ(decoded("shift_jis", "~ \\"), "~ \\");
    EXPECT_EQ(decoded("shift_jis_2004", "~ \\"), "‾ ¥");
    EXPECT_EQ(decoded("big5", "\xA3\xE1"), "(bad-text)");
}

TEST(Charset, ComposesTheSyllablesThatEucKrLacks) {
    const std::string syllable = "\xA4\xD4\xA4\xA1\xA4\xBF\xA4\xA2";
    EXPECT_EQ(encoded("euc_kr", "가갂"), "\xB0\xA1" + syllable);
    EXPECT_EQ(decoded("euc_kr", syllable + "\xB0\xA1"), "갂가");
    EXPECT_EQ(decoded("euc_kr", syllable.substr(0, 6)), "(bad-text)");
    EXPECT_EQ(decoded("euc_kr", syllable.substr(0, 7) + "\xA8"), "(bad-text)");
}

TEST(Charset, SpellsACharacterInAnotherWayBeforeItGivesUp) {
    EXPECT_EQ(encoded("latin-1", "cafe\u0301 \u212B"), "caf\xE9 \xC5");
    EXPECT_EQ(encoded("cp1251", "и\u0306"), "\xE9");
    EXPECT_EQ(encoded("cp949", "\u1100\u1161"), "\xB0\xA1");
    EXPECT_EQ(encoded("cp1258", "ế"), "\xEA\xEC");
    EXPECT_EQ(encoded("gb18030", "e\u0301"), "e\x81\x30\xBC\x37") << "as it is, where that can be";
    EXPECT_EQ(encoded("latin-1", "\u212A"), "K");
    EXPECT_EQ(encoded("big5hkscs", "\u00CA\u0304"), "\x88\x62");
    EXPECT_EQ(encoded("big5hkscs", "\u00CA€"), "\x88\x66?");
}

// Spelled otherwise, a text may look like the name of a file to its reader.
TEST(Charset, ATextNeverBecomesAFileNameOnTheWay) {
    const std::pair<std::string_view, std::string_view> cases[] = {{"cp1258", "ạb%"},
                                                                   {"latin-1", "\u212Ab%"},
                                                                   {"latin-1", "ab!e\u0301%"},
                                                                   {"big5", "\u212Ab%\n"},
                                                                   {"latin-1", "plain!"}};
    for (const auto& [name, text] : cases) {
        const auto charset = makeCharset(name);
        ASSERT_TRUE(charset);
        std::string out, buffer;
        ASSERT_TRUE(classic::appendMessageText(out, {10, *charset}, text));
        const auto read = charset->toUtf8(out.substr(10), buffer);
        ASSERT_TRUE(read);
        EXPECT_FALSE(matchesFileRule(*read)) << name << ": " << *read;
        EXPECT_EQ(read->ends_with(' '), text != "plain!");
    }
}

TEST(Charset, RefusesBytesThatAreNotValid) {
    EXPECT_EQ(decoded("utf-8", "\xFF"), "(bad-text)");
    EXPECT_EQ(decoded("cp1251", "\x98"), "(bad-text)");
    EXPECT_EQ(decoded("ascii", "caf\xE9"), "(bad-text)");
    EXPECT_EQ(decoded("utf-16", "h"), "(bad-text)");
    EXPECT_EQ(decoded("utf-16", "\xFF\xFE\x3D\xD8"), "(bad-text)");
    EXPECT_EQ(decoded("shift_jis", "\x93"), "(bad-text)");
}

TEST(Charset, ReadsUtf16InEitherOrderAndWithoutAMark) {
    EXPECT_EQ(decoded("utf-16", "\xFF\xFEh\0i\0"s), "hi");
    EXPECT_EQ(decoded("utf-16", "\xFE\xFF\0h\0i"s), "hi");
    EXPECT_EQ(decoded("utf-16", "h\0i\0"s), "hi");
    EXPECT_EQ(decoded("utf-16", "\xFF\xFE"), "");
    EXPECT_EQ(decoded("utf-16", ""), "");
}

TEST(Charset, StartsAnewForEveryText) {
    const auto charset = makeCharset("iso2022_jp");
    ASSERT_TRUE(charset);
    std::string buffer;
    EXPECT_FALSE(charset->toUtf8("\x1B$BF", buffer));
    // In the shifted state that the broken text left, these bytes would be two other characters.
    EXPECT_EQ(*charset->toUtf8("F|K\\", buffer), "F|K\\");
    EXPECT_EQ(charset->fromUtf8("日", buffer), "\x1B$BF|\x1B(B");
    EXPECT_EQ(charset->fromUtf8("ok", buffer), "ok");
}

TEST(Charset, ConvertsTextsOfAnyLength) {
    for (const size_t size : {1, 500, 1023, 1024, 1025, 5000, 100'000}) {
        std::string text;
        while (text.size() < 2 * size) text += "ж";
        EXPECT_EQ(decoded("koi8-r", encoded("koi8-r", text)), text);
        EXPECT_EQ(encoded("ascii", text), std::string(size, '?'));
    }
}

TEST(KnownCharsets, AreAllKnown) {
    const std::string list = knownCharsets();
    for (const auto* name : {"utf-8", "cp1251", "koi8-r", "cp866", "utf-16"}) {
        EXPECT_THAT(list, HasSubstr(name));
    }
    size_t count = 0;
    for (size_t from = 0, end = 0; end != std::string::npos; from = end + 2, ++count) {
        end = list.find(", ", from);
        EXPECT_TRUE(makeCharset(list.substr(from, end - from)));
    }
    EXPECT_GE(count, 25u);
}

}  // namespace
}  // namespace netchat::net

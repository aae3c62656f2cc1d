#include "modes/serve/names/nick_profile.h"

#include <gmock/gmock.h>

#include <string>

#include "protocol/utf8.h"

namespace netchat::serve {
namespace {

using ::testing::HasSubstr;

std::string prepared(std::string_view nick) {
    const auto got = preparedNick(nick);
    return got ? *got : "refused";
}

std::string mended(std::string_view name) {
    const auto got = mendedName(name);
    return got ? *got : "refused";
}

std::string whyNot(std::string_view nick) {
    const auto got = preparedNick(nick);
    EXPECT_FALSE(got) << nick;
    if (got) return {};
    EXPECT_EQ(got.error().code, ErrorCode::BadNick);
    return got.error().text;
}

TEST(NickProfile, TakesTheNamesOfPeople) {
    for (const char* nick :
         {"alice", "Jos\u00E9", "\u0410\u043B\u0438\u0441\u0430", "\u674E\u5C0F\u9F99",
          "\u3042\u3044", "\uAE40\uCCA0\uC218", "\u05D3\u05D5\u05D3",
          "\u0645\u062D\u0645\u062F\u0662", "\u0938\u0940\u0924\u093E",
          "\u0E2A\u0E21\u0E0A\u0E32\u0E22", "a_b-c.d|e~[f]", "Nguy\u1EC5n", "\u05D3\u05D5\u05D3_2",
          "bot1", "\u17A0\u17CA\u17BB\u1793\u179F\u17C2\u1793",
          "\u1019\u1004\u103A\u1039\u1002\u101C\u102C"}) {
        EXPECT_EQ(prepared(nick), nick) << nick;
    }
}

TEST(NickProfile, MapsWidthAndComposes) {
    EXPECT_EQ(prepared("\uFF21\uFF4C\uFF49\uFF43\uFF45"), "Alice");
    EXPECT_EQ(prepared("Jose\u0301"), "Jos\u00E9");
    EXPECT_EQ(prepared("\uFF76\uFF9E"), "\u30AC");  // half-width katakana and its voicing
    EXPECT_EQ(prepared("ALICE"), "ALICE");          // case is preserved
}

TEST(NickProfile, NamesTheCharacterThatIsWrong) {
    EXPECT_THAT(whyNot("alice\u2800"), HasSubstr("U+2800, which is invisible"));
    EXPECT_THAT(whyNot("alice\U0001F600"), HasSubstr("(U+1F600)"));
    EXPECT_THAT(whyNot("Anna Maria"), HasSubstr("spaces"));
    EXPECT_THAT(whyNot("\u0301alice"), HasSubstr("the mark U+0301"));
    EXPECT_THAT(whyNot("abc\u05D3\u05D5\u05D3"), HasSubstr("right-to-left"));
}

TEST(NickProfile, RefusesWhatDrawsNothing) {
    for (const char32_t c :
         {0x2800U,  0x16FE4U, 0x1D159U,  0xFFFCU, 0xE000U,  0xF0000U, 0x200CU, 0x200DU,
          0x3164U,  0x34FU,   0x115FU,   0x1160U, 0xFFA0U,  0x17B4U,  0x180BU, 0xFE0FU,
          0xE0100U, 0x378U,   0x10FFFFU, 0x2D7FU, 0x13430U, 0x1BCA0U, 0x1D173U}) {
        std::string blank;
        utf8::append(blank, c);
        for (const std::string& nick :
             {"alice" + blank, blank + "alice", "al" + blank + "ice", blank, "netchat" + blank}) {
            EXPECT_EQ(prepared(nick), "refused") << std::hex << unsigned{c};
        }
    }
}

TEST(NickProfile, HoldsToTheIdentifierClass) {
    for (const char* nick :
         {"\u00A9",   "\u2122",       "\u00B2", "\u2160",  "\uFB01",   "\u1F88",  "a\u2019b",
          "\u2014",   "\u0640",       "\u302E", "\u1100",  "a\u00B7b", "\u0375a", "a\u05F3",
          "a\u30FBb", "\u0661\u06F1", "\u20DD", "a\u20DD", "\u2603",   "\uFFFD"}) {
        EXPECT_EQ(prepared(nick), "refused") << nick;
    }
    for (const char* nick : {"\u0375\u03B1", "\u05D0\u05F3\u05D0", "\u30A2\u30FB\u30A2", "\u3007",
                             "\u0F0B", "\u00DF", "\u03C2"}) {
        EXPECT_NE(prepared(nick), "refused") << nick;
    }
    EXPECT_EQ(prepared("a\u00B7b"), "refused");  // between two l only
    EXPECT_EQ(prepared("cal\u00B7la"), "cal\u00B7la");
}

TEST(NickProfile, AMarkStandsOnALetterOfItsScript) {
    EXPECT_EQ(prepared("alice\u17D2"), "refused");   // Khmer on Latin
    EXPECT_EQ(prepared("alice\u0E31"), "refused");   // Thai on Latin
    EXPECT_EQ(prepared("\u1780\u17D2"), "refused");  // it joins what does not follow
    EXPECT_EQ(prepared("\u1780\u17D2\u1781"), "\u1780\u17D2\u1781");
    EXPECT_EQ(prepared("a\u0303\u0303"), "refused");  // stacked
    EXPECT_EQ(prepared("x\u0301\u0302\u0303\u0304"), "x\u0301\u0302\u0303\u0304");
    EXPECT_EQ(prepared("x\u0301\u0302\u0303\u0304\u0305"), "refused");
}

TEST(NickProfile, ReadsOneWay) {
    EXPECT_EQ(prepared("\u05D3a"), "refused");
    EXPECT_EQ(prepared("1\u05D3"), "refused");
    EXPECT_EQ(prepared("\u05D3-"), "refused");
    EXPECT_EQ(prepared("\u05D31"), "\u05D31");
    EXPECT_EQ(prepared("\u06271\u0661"), "refused");
}

TEST(NickProfile, MendsWhatAClassicUserIsCalled) {
    EXPECT_EQ(mended("Anna Maria"), "Anna Maria");
    EXPECT_EQ(mended("  Anna   Maria "), "Anna Maria");
    EXPECT_EQ(mended("netchat "), "netchat");
    EXPECT_EQ(mended("\u00A0netchat"), "netchat");
    EXPECT_EQ(mended("\u202Enetchat"), "netchat");
    EXPECT_EQ(mended("net\u200Bchat\u2800"), "netchat");
    EXPECT_EQ(mended("\u3000\uFF21\uFF4C\uFF49"), "Ali");
    EXPECT_EQ(mended("Jose\u0301"), "Jos\u00E9");
    EXPECT_EQ(mended("\U0001F600Bob"), "_Bob");
    EXPECT_EQ(mended("\u0301Bob\u0E31"), "Bob");
    EXPECT_EQ(mended("a\u2122"), "aTM");
    EXPECT_EQ(mended("\u05D3\u05D5\u05D3 \u05DC\u05D5\u05D9"),
              "\u05D3\u05D5\u05D3 \u05DC\u05D5\u05D9");
}

TEST(NickProfile, ANickIsNoCloak) {
    EXPECT_THAT(whyNot("cloak:k3j5x7w2qa"), HasSubstr("which stands for an address"));
    EXPECT_EQ(mended("cloak:k3j5x7w2qa"), "cloak_k3j5x7w2qa");
    EXPECT_THAT(whyNot("CLOAK:abc"), HasSubstr("which stands for an address"));
    EXPECT_EQ(mended("Cloak:abc"), "Cloak_abc");
    EXPECT_THAT(whyNot("#2"), HasSubstr("which stands for a user's number"));
    EXPECT_THAT(whyNot("\uFF03\uFF12"), HasSubstr("which stands for a user's number"))
        << "#2, wide";
    EXPECT_EQ(mended("#2"), "_2");
    EXPECT_EQ(mended("#2nd"), "#2nd");
}

TEST(NickProfile, ANickIsNoAddress) {
    for (const char* name : {"127.0.0.3", "10.0.0.0/8", "1.2.3.4/8", "::1", "fe80::1"}) {
        EXPECT_THAT(whyNot(name), HasSubstr("must not be an address")) << name;
    }
    EXPECT_EQ(mended("127.0.0.3"), "_27.0.0.3");
    EXPECT_EQ(mended("::1"), "_:1");
    EXPECT_EQ(mended("ann/away"), "ann/away");
    EXPECT_EQ(mended("1.2"), "1.2");
}

TEST(NickProfile, HieroglyphsThatAreBlankAreNotSeen) {
    for (const char* name : {"alice\U00013441", "alice\U00013442", "\U00013441", "a\U00013447"}) {
        EXPECT_THAT(whyNot(name), HasSubstr("which is invisible")) << name;
    }
    EXPECT_EQ(mended("alice\U00013441"), "alice");
    EXPECT_EQ(mended("\U00013000"), "\U00013000") << "a man, sitting";
}

TEST(NickProfile, RefusesAClassicNameOfWhichNothingIsLeft) {
    for (const char* name :
         {"", " ", "\u2800", "\u202E\u200B", "\u0301", "\xFF", "a\nb", "abc \u05D3\u05D5\u05D3"}) {
        EXPECT_EQ(mended(name), "refused") << name;
    }
    EXPECT_THAT(mendedName("\u2800").error().text, HasSubstr("a visible character"));
}

TEST(NickProfile, WhatWasMendedOrPreparedStaysAsItIs) {
    for (char32_t c = 0x20; c < 0x30000; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        std::string name = "a";
        utf8::append(name, c);
        name += "1";
        if (const auto once = mendedName(name)) {
            ASSERT_EQ(mended(*once), *once) << unsigned{c};
        }
        if (const auto once = preparedNick(name)) {
            ASSERT_EQ(prepared(*once), *once) << unsigned{c};
            ASSERT_EQ(mended(*once), *once) << unsigned{c};
        }
    }
}

TEST(RoomProfile, ANewRoomIsComposedAndSeen) {
    EXPECT_TRUE(checkNewRoom("caf\u00E9"));
    EXPECT_TRUE(checkNewRoom("\u2764\uFE0F"));
    EXPECT_THAT(checkNewRoom("cafe\u0301").error().text, HasSubstr("join 'caf\u00E9'"));
    EXPECT_THAT(checkNewRoom("lobby\u2800").error().text, HasSubstr("U+2800, which is invisible"));
    EXPECT_EQ(checkNewRoom("\u2800").error().code, ErrorCode::BadRoom);
}

}  // namespace
}  // namespace netchat::serve

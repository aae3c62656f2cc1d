#include "modes/serve/names/confusable.h"

#include <gtest/gtest.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <set>
#include <string>
#include <vector>

#include "protocol/utf8.h"

namespace netchat::serve {
namespace {

// As a table of names finds them.
bool alike(std::string_view a, std::string_view b) {
    const bool found = looksAlike(a, b);
    EXPECT_EQ(found, looksAlike(b, a)) << a << " " << b;
    if (found) {
        EXPECT_EQ(lookHash(a), lookHash(b)) << a << " " << b;
    }
    return found;
}

std::string text(char32_t c) {
    std::string out;
    utf8::append(out, c);
    return out;
}

TEST(Confusable, WhatDiffersInCaseOrWidthIsAlike) {
    EXPECT_TRUE(alike("alice", "Alice"));
    EXPECT_TRUE(alike("alice", "ALICE"));
    EXPECT_TRUE(alike("Ivan", "ivan"));
    EXPECT_TRUE(alike("alice", "\uFF41lice"));
    EXPECT_TRUE(alike("Stra\u00DFe", "STRASSE"));
    EXPECT_TRUE(alike("\u00E9mile", "e\u0301mile"));
    EXPECT_TRUE(alike("\u00E9mile", "\u00C9MILE"));
    EXPECT_TRUE(alike("\u0418\u0432\u0430\u043D", "\u0438\u0432\u0430\u043D"));
    EXPECT_TRUE(alike("bj\u00F8rn", "bjo\u0338rn"));
}

TEST(Confusable, WhatLooksTheSameIsAlike) {
    EXPECT_TRUE(alike("alice", "\u0430lice"));  // Cyrillic a
    EXPECT_TRUE(alike("paypal", "p\u0430yp\u0430l"));
    EXPECT_TRUE(alike("apple", "app\u04CFe"));  // small palochka
    EXPECT_TRUE(alike("Bill", "Bi\u04CF\u04CF"));
    EXPECT_TRUE(alike("Al", "AI"));  // small l, capital I
    EXPECT_TRUE(alike("bob", "b0b"));
    EXPECT_TRUE(alike("omega", "\u03BFmega"));  // Greek o
    EXPECT_TRUE(alike("bill", "bi11"));
    EXPECT_TRUE(alike("HANS", "\u0397ANS"));  // Greek Eta
    EXPECT_TRUE(alike("hans", "\u0397ANS"));
    EXPECT_TRUE(alike("hans", "\u041DANS"));  // Cyrillic En
}

TEST(Confusable, CaseAndLooksCountTogether) {
    for (const char* nick :
         {"ALlCE", "A1ICE", "\u0410LICE", "\u0410LlCE", "AL1CE", "AIICE", "AIice", "aLlCE", "a1ice",
          "\u0430LICE", "alic\u0435", "ALIC\u0415", "Alic\u0415", "\uFF21LlCE", "al\u0406ce"}) {
        EXPECT_TRUE(alike("alice", nick)) << nick;
        EXPECT_TRUE(alike("Alice", nick)) << nick;
        EXPECT_TRUE(alike("ALICE", nick)) << nick;
    }
}

TEST(Confusable, WhatDrawsNothingMakesNoDifference) {
    for (const char32_t c : {0x2800U, 0x16FE4U, 0x1D159U, 0xFFFCU, 0xE000U, 0x200BU, 0x3164U,
                             0x34FU, 0x115FU, 0xFE0FU, 0xE0001U, 0x202EU, 0x180EU, 0x10FFFFU}) {
        EXPECT_TRUE(drawsNothing(c)) << unsigned{c};
        EXPECT_TRUE(alike("alice", "alice" + text(c))) << unsigned{c};
        EXPECT_TRUE(alike("alice", text(c) + "alice")) << unsigned{c};
        EXPECT_TRUE(alike("alice", "ali" + text(c) + "ce")) << unsigned{c};
    }
    for (const char32_t c : {U'a', U'\u00E9', U'\u674E', U'\U0001F600', U'\u0301', U'-'}) {
        EXPECT_FALSE(drawsNothing(c)) << unsigned{c};
    }
}

TEST(Confusable, WhatIsReadOtherwiseIsNot) {
    EXPECT_FALSE(alike("alice", "bob"));
    EXPECT_FALSE(alike("ali", "all"));
    EXPECT_FALSE(alike("alice", "alice2"));
    EXPECT_FALSE(alike("\u0438\u0432\u0430\u043D", "\u0438\u0432\u0430"));
    EXPECT_FALSE(alike("\u674E", "\u738B"));
    EXPECT_FALSE(alike("jose", "jos\u00E9"));
}

TEST(Confusable, PeopleOfSimilarNamesAreTwo) {
    EXPECT_FALSE(alike("Ame", "Arne"));
    EXPECT_FALSE(alike("modern", "modem"));
    EXPECT_FALSE(alike("Neil", "Nell"));
    EXPECT_FALSE(alike("Eila", "Ella"));
    EXPECT_FALSE(alike("Kai", "Kal"));
    EXPECT_FALSE(alike("will", "wiil"));
    EXPECT_FALSE(alike("Clara", "dara"));
    EXPECT_FALSE(alike("wolf", "vvolf"));
}

TEST(Confusable, NumbersAreNeverTakenForOneAnother) {
    std::set<std::string> folded;
    for (int i = 0; i < 200; ++i) {
        const std::string one = "bot" + std::to_string(i);
        folded.insert(foldedNick(one));
        for (int k = 0; k < i; ++k) EXPECT_FALSE(looksAlike(one, "bot" + std::to_string(k)));
    }
    EXPECT_EQ(folded.size(), 200U);
}

TEST(Confusable, TakesAnyBytes) {
    for (const char* bytes : {"", "\xFF", "\xC3", "\xED\xA0\x80", "\xCC\x81", "\xCC\x81\xCC\x81"}) {
        EXPECT_EQ(foldedNick(bytes), foldedNick(bytes));
        EXPECT_TRUE(alike(bytes, bytes));
        EXPECT_FALSE(alike(bytes, "alice"));
    }
}

// Every character that ICU takes for one of `name`, or for one of its capitals, in its place.
std::vector<std::string> imitationsOf(const std::string& name) {
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker* const checker = uspoof_open(&status);
    const auto pictureOf = [&](UChar32 c) {
        icu::UnicodeString picture;
        uspoof_getSkeletonUnicodeString(checker, 0, icu::UnicodeString(c), picture, &status);
        return picture;
    };
    std::vector<std::string> all;
    for (UChar32 c = 0x21; c < 0x30000; ++c) {
        // What is of another width is first mapped to the character that it is.
        const auto usual = ofUsualWidth(static_cast<char32_t>(c));
        if (!u_isgraph(c) || usual != static_cast<char32_t>(c)) continue;
        const auto picture = pictureOf(c);
        for (size_t i = 0; i < name.size(); ++i) {
            const bool asItIs = picture == pictureOf(name[i]);
            const bool asCapital = picture == pictureOf(u_toupper(name[i]));
            if (!asItIs && !asCapital) continue;
            std::string imitation = name;
            if (!asItIs) {
                for (char& letter : imitation) letter = static_cast<char>(u_toupper(letter));
            }
            all.push_back(imitation.substr(0, i) + text(static_cast<char32_t>(c)) +
                          imitation.substr(i + 1));
        }
    }
    uspoof_close(checker);
    return all;
}

TEST(Confusable, EverythingThatIcuTakesForALetterIsTakenForIt) {
    for (const char* name : {"netchat", "alice"}) {
        const auto imitations = imitationsOf(name);
        EXPECT_GT(imitations.size(), 100U);
        for (const std::string& imitation : imitations) {
            EXPECT_TRUE(alike(name, imitation)) << name << " " << imitation;
        }
    }
    for (const std::string& imitation : imitationsOf("netchat")) {
        EXPECT_TRUE(looksLikeTheServer(imitation)) << imitation;
    }
}

// What stands alone is found in the table beside all that it looks like.
TEST(Confusable, TheHashIsTheSameForAllThatLookAlike) {
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker* const checker = uspoof_open(&status);
    for (UChar32 c = 0x21; c < 0x30000; ++c) {
        if (!u_isgraph(c) || drawsNothing(static_cast<char32_t>(c))) continue;
        icu::UnicodeString picture;
        uspoof_getSkeletonUnicodeString(checker, 0, icu::UnicodeString(c), picture, &status);
        std::string shown;
        picture.toUTF8String(shown);
        const std::string self = text(static_cast<char32_t>(c));
        for (const std::string& other :
             {shown, text(static_cast<char32_t>(u_toupper(c))),
              text(static_cast<char32_t>(u_foldCase(c, U_FOLD_CASE_DEFAULT)))}) {
            if (!looksAlike(self, other)) continue;
            ASSERT_EQ(lookHash(self), lookHash(other)) << self << " " << other;
        }
    }
    uspoof_close(checker);
}

}  // namespace
}  // namespace netchat::serve

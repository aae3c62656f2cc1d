#include "modes/serve/confusable.h"

#include <gtest/gtest.h>

#include <set>

namespace netchat::serve {
namespace {

bool alike(std::string_view a, std::string_view b) {
    return foldedNick(a) == foldedNick(b) || nickSkeleton(a) == nickSkeleton(b);
}

TEST(Confusable, WhatDiffersInCaseOrWidthIsAlike) {
    EXPECT_TRUE(alike("alice", "Alice"));
    EXPECT_TRUE(alike("alice", "ALICE"));
    EXPECT_TRUE(alike("Ivan", "ivan"));
    EXPECT_TRUE(alike("alice", "\uFF41lice"));
    EXPECT_TRUE(alike("Stra\u00DFe", "STRASSE"));
    EXPECT_TRUE(alike("\u00E9mile", "e\u0301mile"));
    EXPECT_TRUE(alike("\u0418\u0432\u0430\u043D", "\u0438\u0432\u0430\u043D"));
}

TEST(Confusable, WhatLooksTheSameIsAlike) {
    EXPECT_TRUE(alike("alice", "\u0430lice"));  // Cyrillic a
    EXPECT_TRUE(alike("paypal", "p\u0430yp\u0430l"));
    EXPECT_TRUE(alike("Al", "AI"));  // small l, capital I
    EXPECT_TRUE(alike("bob", "b0b"));
    EXPECT_TRUE(alike("admin", "adrnin"));
    EXPECT_TRUE(alike("omega", "\u03BFmega"));  // Greek o
    EXPECT_TRUE(alike("bill", "bi11"));
}

TEST(Confusable, WhatIsReadOtherwiseIsNot) {
    EXPECT_FALSE(alike("alice", "bob"));
    EXPECT_FALSE(alike("ali", "all"));
    EXPECT_FALSE(alike("alice", "alice2"));
    EXPECT_FALSE(alike("\u0438\u0432\u0430\u043D", "\u0438\u0432\u0430"));
    EXPECT_FALSE(alike("\u674E", "\u738B"));
}

TEST(Confusable, NumbersAreNeverTakenForOneAnother) {
    std::set<std::string> folded, bare;
    for (int i = 0; i < 2000; ++i) {
        folded.insert(foldedNick("bot" + std::to_string(i)));
        bare.insert(nickSkeleton("bot" + std::to_string(i)));
    }
    EXPECT_EQ(folded.size(), 2000U);
    EXPECT_EQ(bare.size(), 2000U);
}

TEST(Confusable, TakesAnyBytes) {
    for (const char* text : {"", "\xFF", "\xC3", "\xED\xA0\x80"}) {
        EXPECT_EQ(foldedNick(text), foldedNick(text));
        EXPECT_EQ(nickSkeleton(text), nickSkeleton(text));
    }
}

}  // namespace
}  // namespace netchat::serve

#include "modes/connect/screen/text/short_names.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {
namespace {

TEST(ShortNames, LeavesNamesThatFit) {
    ShortNames names;
    names.begin(9);
    EXPECT_EQ(names.of("alice"), "alice");
    EXPECT_EQ(names.of("ninechars"), "ninechars");
    EXPECT_EQ(names.of("日本語人"), "日本語人");
}

TEST(ShortNames, CutsTwoNamesToTwoTexts) {
    ShortNames names;
    names.begin(9);
    EXPECT_EQ(names.of("alexander-the-great"), "alexande…");
    EXPECT_EQ(names.of("alexander-the-small"), "alexand…l");
    EXPECT_EQ(names.of("alexander-in-the-hall"), "alexan…ll");
    EXPECT_EQ(names.of("alexander-the-great"), "alexande…") << "it stays";
}

TEST(ShortNames, NumbersNamesThatDifferInTheMiddleOnly) {
    ShortNames names;
    names.begin(9);
    std::set<std::string> texts;
    for (int i = 0; i < 1000; ++i) {
        texts.insert(names.of("alexander-" + std::to_string(1000 + i) + "-of-the-hall"));
    }
    EXPECT_EQ(texts.size(), 1000u);
}

TEST(ShortNames, AreNotTakenInByANameThatLooksCut) {
    ShortNames names;
    names.begin(9);
    EXPECT_EQ(names.of("alexander-the-great"), "alexande…");
    EXPECT_NE(names.of("alexande…"), "alexande…");
    names.begin(12);
    EXPECT_EQ(names.of("alexander-t…"), "alexander-t…");
    EXPECT_NE(names.of("alexander-the-great"), "alexander-t…");
}

TEST(ShortNames, FitAndDifferWhateverTheyAre) {
    static const char* kParts[] = {"a", "b", "…", "日", "é", "2", "👍🏽", "-"};
    std::mt19937 random(7);
    for (const int columns : {5, 9, 14, 16}) {
        ShortNames names;
        names.begin(columns);
        std::map<std::string, std::string> owner;
        for (int i = 0; i < 3000; ++i) {
            std::string name;
            for (auto n = random() % 30 + 1; n > 0; --n)
                name += kParts[random() % std::size(kParts)];
            const std::string text = names.of(name);
            EXPECT_LE(columnsOf(text), static_cast<size_t>(columns)) << name;
            const auto [known, isNew] = owner.emplace(text, name);
            EXPECT_TRUE(isNew || known->second == name) << text << ": " << name;
        }
    }
}

}  // namespace
}  // namespace netchat::connect

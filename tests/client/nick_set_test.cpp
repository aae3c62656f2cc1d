#include "modes/client/nick_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::client {
namespace {

using ::testing::ElementsAre;

TEST(NickSet, TakesOneNickInTwoCasesForOne) {
    NickSet nicks;
    EXPECT_TRUE(nicks.insert("Carl").second);
    EXPECT_FALSE(nicks.insert("CARL").second);
    EXPECT_TRUE(nicks.insert("Émile").second);
    EXPECT_TRUE(nicks.count("émile") > 0);
    EXPECT_TRUE(nicks.count("E\u0301MILE") > 0) << "however the accent is written";
    EXPECT_TRUE(nicks.count("ｃａｒｌ") > 0) << "wide letters";
    EXPECT_FALSE(nicks.count("emile") > 0) << "another name";
    EXPECT_FALSE(nicks.count("carl2") > 0);
    EXPECT_THAT(nicks, ElementsAre("Carl", "Émile"));
    EXPECT_EQ(nicks.erase("carl"), 1u);
    EXPECT_FALSE(nicks.count("Carl") > 0);
}

TEST(NickSet, OrdersAnyTwoInOneWay) {
    const std::string_view nicks[] = {"a", "B", "b", "Z", "_", "ä", "Ä", "ß", "SS", "İ", "\xFF"};
    const NickLess less;
    for (const auto a : nicks) {
        EXPECT_FALSE(less(a, a)) << a;
        for (const auto b : nicks) {
            EXPECT_FALSE(less(a, b) && less(b, a)) << a << " " << b;
            for (const auto c : nicks) {
                EXPECT_TRUE(!less(a, b) || !less(b, c) || less(a, c)) << a << b << c;
            }
        }
    }
    EXPECT_TRUE(isSameNick("ß", "SS"));
}

}  // namespace
}  // namespace netchat::client

#include "modes/connect/ignoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

std::string whyNot(std::string_view nick, size_t ignored = 0) {
    const Status status = checkIgnored(nick, ignored);
    return status ? "" : status.error().text;
}

TEST(Ignoring, TakesNicksOfClassicUsers) {
    EXPECT_EQ(whyNot("eve"), "");
    EXPECT_EQ(whyNot("A. User"), "");
}

TEST(Ignoring, TakesNothingThatNobodyCanBeCalled) {
    EXPECT_THAT(whyNot("e\x01ve"), HasSubstr("must not contain control characters"));
    EXPECT_THAT(whyNot(std::string(65, 'x')), HasSubstr("at most 64 characters"));
}

TEST(Ignoring, IsBounded) {
    EXPECT_EQ(whyNot("eve", kIgnoredMax - 1), "");
    EXPECT_EQ(whyNot("eve", kIgnoredMax), "you already ignore too many users");
}

}  // namespace
}  // namespace netchat::connect

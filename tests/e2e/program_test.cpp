// The program as a whole: help, version, and words that make no sense.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Program, SaysItsVersion) {
    Process netchat({"--version"});
    EXPECT_EQ(netchat.waitForExit(), 0);
    EXPECT_THAT(netchat.output(), StartsWith("netchat "));
}

TEST(Program, ExplainsItself) {
    Process netchat({"--help"});
    EXPECT_EQ(netchat.waitForExit(), 0);
    EXPECT_THAT(netchat.output(), StartsWith("usage: netchat COMMAND"));
}

TEST(Program, RefusesToDoNothing) {
    Process netchat(std::vector<std::string>{});
    EXPECT_EQ(netchat.waitForExit(), 64);
    EXPECT_EQ(netchat.output(), "");
    EXPECT_THAT(netchat.errors(), HasSubstr("usage: netchat COMMAND"));
}

TEST(Program, RefusesAnUnknownCommand) {
    Process netchat({"sevre"});
    EXPECT_EQ(netchat.waitForExit(), 64);
    EXPECT_THAT(netchat.errors(), StartsWith("netchat: there is no command 'sevre'"));
}

}  // namespace
}  // namespace netchat::test

// The program as a whole: help, version, and words that make no sense.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/help_pages.h"
#include "tests/support/plain_words.h"
#include "tests/support/process.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
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

// A page is read once, by people from many countries.
TEST(Program, HelpIsInPlainWords) {
    std::set<std::string> commands;
    for (const auto& [command, page] : helpPages()) {
        commands.insert(command);
        EXPECT_THAT(unplainWords("netchat " + command + " --help", helpProse(page)), IsEmpty());
    }
    EXPECT_THAT(commands, IsSupersetOf({"serve", "connect", "bot", "ctl", "log", "known", "harness",
                                        "harness bench", "harness hostile", "harness floor"}));
}

TEST(Program, HelpShowsUsageOptionsExitCodesAndExamples) {
    for (const auto& [command, page] : helpPages()) {
        if (command.empty()) continue;
        EXPECT_THAT(page, StartsWith("netchat " + command + ": "));
        for (const char* part : {"\n\nusage: netchat ", "\nGeneral:\n", "\nExit codes:\n",
                                 "\nExamples:\n  netchat "}) {
            EXPECT_THAT(page, HasSubstr(part)) << command;
        }
    }
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
    EXPECT_THAT(netchat.errors(), StartsWith("netchat: unknown command 'sevre'"));
}

}  // namespace
}  // namespace netchat::test

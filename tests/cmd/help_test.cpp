#include "cmd/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace netchat::cmd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Command helpSample() {
    return define({.name = "sample",
                   .usage = "[WORD]",
                   .summary = "Does things.",
                   .description = "Does things to a WORD.",
                   .groups = {{"Things",
                               {{.name = "port",
                                 .shortName = "p",
                                 .argument = "PORT",
                                 .fallback = "6121",
                                 .help = "where to listen, which is said at such a length that "
                                         "it does not fit into one line of the page",
                                 .environment = "PORT"}}}},
                   .exits = {{kExitNoServer, "no server"}},
                   .examples = "netchat sample word\n"});
}

TEST(Help, ShowsOptionsWithDefaultsGroupsAndExitCodes) {
    const std::string page = helpPage(helpSample());
    EXPECT_THAT(page, StartsWith("netchat sample: Does things.\n\n"
                                 "usage: netchat sample [WORD] [options]\n\n"));
    EXPECT_THAT(page, HasSubstr("\nThings:\n  -p, --port PORT    where to listen"));
    EXPECT_THAT(page, HasSubstr("default: 6121; environment: PORT)"));
    EXPECT_THAT(page, HasSubstr("\nGeneral:\n      --config FILE  Read options"));
    EXPECT_THAT(page, HasSubstr("\n  3     no server\n  64    wrong usage"));
    EXPECT_THAT(page, HasSubstr("\nExamples:\n  netchat sample word\n"));
}

TEST(Help, ExplainsActionsBelowThoseTooLongForTheirColumn) {
    Command command = helpSample();
    command.actions = {{"stop", "Ends it."}, {"stop NICK|ADDRESS|ROOM [REASON]", "Ends one."}};
    EXPECT_THAT(helpPage(command), HasSubstr("\nActions:\n"
                                             "  stop                  Ends it.\n"
                                             "  stop NICK|ADDRESS|ROOM [REASON]\n"
                                             "                        Ends one.\n"));
}

TEST(Help, ExplainsTheUnitsOfItsOptions) {
    Command command = helpSample();
    EXPECT_THAT(helpPage(command), Not(HasSubstr("\nUnits:\n")));
    command.groups[0].options[0].argument = "DURATION";
    EXPECT_THAT(helpPage(command), HasSubstr("\nUnits:\n  DURATION  a number with a unit"));
    EXPECT_THAT(helpPage(command), Not(HasSubstr("\n  SIZE ")));
}

TEST(Help, FitsIntoAHundredColumnsWithoutTrailingSpaces) {
    std::istringstream lines(helpPage(helpSample()));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 100u) << line;
        EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
    }
}

TEST(Help, ListsTheCommands) {
    const Command one = helpSample();
    const Command* const all[] = {&one};
    EXPECT_THAT(overview(all), HasSubstr("\n  sample    Does things.\n"));
}

}  // namespace
}  // namespace netchat::cmd

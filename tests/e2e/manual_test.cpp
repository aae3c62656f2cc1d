// The documents and the program know the same commands, options and limits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/help_pages.h"
#include "tests/support/person.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string document(const std::string& path) {
    std::ifstream in(NETCHAT_SAMPLES "/../" + path);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_FALSE(text.str().empty()) << "no " << path;
    return text.str();
}

// The first group of each match.
std::set<std::string> matchesIn(const std::string& text, const char* pattern) {
    const std::regex expression(pattern);
    std::set<std::string> found;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), expression);
         it != std::sregex_iterator(); ++it) {
        found.insert((*it)[1]);
    }
    return found;
}

// Without lines that call other programs, which have options of their own.
std::string withoutOtherPrograms(const std::string& text) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("cmake ") == std::string::npos) out += line + "\n";
    }
    return out;
}

// From the line `begin` to the next empty one.
std::string sectionOf(const std::string& page, const std::string& begin) {
    const size_t from = page.find("\n" + begin + "\n");
    EXPECT_NE(from, std::string::npos) << begin;
    return page.substr(from, page.find("\n\n", from) - from);
}

constexpr char kOption[] = "(--[a-z][a-z-]*[a-z])";

TEST(Manual, HasAPartForEachCommand) {
    const std::string manual = document("cmd/MANUAL.md");
    const auto commands = commandsIn(helpPageOf(""));
    EXPECT_THAT(commands, Not(IsEmpty()));
    for (const std::string& command : commands) {
        EXPECT_THAT(manual, HasSubstr("\n## netchat " + command + "\n"));
    }
}

TEST(Manual, NamesOptionsThatTheProgramHas) {
    std::set<std::string> options;
    for (const auto& [command, page] : helpPages()) options.merge(matchesIn(page, kOption));
    for (const char* path :
         {"README.md", "cmd/MANUAL.md", "harness/PERFORMANCE.md", "harness/README.md",
          "modes/bot/README.md", "modes/serve/OPERATING.md", "modes/store/README.md"}) {
        std::set<std::string> unknown;
        for (const auto& option : matchesIn(withoutOtherPrograms(document(path)), kOption)) {
            if (!options.contains(option)) unknown.insert(option);
        }
        EXPECT_THAT(unknown, IsEmpty()) << path;
    }
}

TEST(Manual, ListsEveryLimitOfAClient) {
    const std::string operating = document("modes/serve/OPERATING.md");
    const std::string page = helpPageOf("serve");
    const auto limits =
        matchesIn(page, "\n {6}(--(?:max|[a-z]+-per|[a-z-]+-per|[a-z]+-timeout)[a-z-]*)");
    EXPECT_GT(limits.size(), 15u);
    for (const std::string& limit : limits) EXPECT_THAT(operating, HasSubstr("`" + limit + "`"));
}

TEST(Manual, ListsEveryActionOfCtl) {
    const std::string manual = document("cmd/MANUAL.md");
    const std::string actions = sectionOf(helpPageOf("ctl"), "Actions:");
    const auto names = matchesIn(actions, "\n  ([a-z-]+)");
    EXPECT_GT(names.size(), 15u);
    for (const std::string& name : names) EXPECT_THAT(manual, HasSubstr("`" + name)) << name;
}

TEST(Manual, NamesEveryCommandOfTheChat) {
    ServerProcess server;
    Person alice(server.address(), "alice");
    alice.isInside();
    alice.type("!help");
    alice.isTold("!!text");
    const auto commands = matchesIn(alice.process().errors(), "\n  (![a-z-]+)");
    EXPECT_GT(commands.size(), 10u);
    const std::string manual = document("cmd/MANUAL.md");
    for (const std::string& command : commands) EXPECT_THAT(manual, HasSubstr(command));
    EXPECT_EQ(alice.leaves(), 0);
}

}  // namespace
}  // namespace netchat::test

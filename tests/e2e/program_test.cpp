// The program as a whole: help, version, and words that make no sense.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/plain_words.h"
#include "tests/support/process.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

// The words of the commands that a page leads to: those in the list of the overview, and "harness
// bench" where a page says "netchat harness bench --help".
std::set<std::string> commandsIn(const std::string& page) {
    static const std::regex kListed("^  ([a-z]+) {2,}.*"), kNamed("netchat ([a-z]+ [a-z]+) --help");
    std::set<std::string> found;
    std::istringstream lines(page);
    bool isList = false;
    for (std::string line; std::getline(lines, line);) {
        isList = line == "Commands:" || (isList && !line.empty());
        std::smatch match;
        if (isList && std::regex_match(line, match, kListed)) found.insert(match[1]);
        if (std::regex_search(line, match, kNamed)) found.insert(match[1]);
    }
    return found;
}

std::string pageOf(const std::string& command) {
    std::istringstream in(command);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    words.emplace_back("--help");
    Process netchat(words);
    EXPECT_EQ(netchat.waitForExit(), 0) << command;
    EXPECT_EQ(netchat.errors(), "") << command;
    return netchat.output();
}

// Every page that --help leads to, by the words of its command.
std::map<std::string, std::string> helpPages() {
    std::map<std::string, std::string> pages;
    std::set<std::string> open = {""};
    while (!open.empty()) {
        const std::string command = open.extract(open.begin()).value();
        const std::string& page = pages[command] = pageOf(command);
        for (const std::string& next : commandsIn(page)) {
            if (!pages.contains(next)) open.insert(next);
        }
    }
    return pages;
}

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

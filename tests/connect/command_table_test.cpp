// The table is whole: what it says of a command is what both clients, their help, Tab and the
// manual know of it.

#include "modes/connect/command_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

#include "modes/connect/command_line.h"
#include "modes/connect/typed_line.h"

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

constexpr size_t kPageUsageMax = 17, kPageMeaningMax = 28;  // columns before the next one

std::string why(std::string_view line) {
    const Command command = parseLine(line);
    const auto* const wrong = std::get_if<command::Wrong>(&command);
    return wrong == nullptr ? "" : wrong->why;
}

std::string sign(const CommandInfo& command) {
    return "!" + std::string(command.name);
}

// Whether a text has it as a whole word: "!set NAME" names !set, and not !setup.
bool names(std::string_view text, std::string_view command) {
    for (size_t at = text.find(command); at != text.npos; at = text.find(command, at + 1)) {
        const size_t end = at + command.size();
        const bool ends = end == text.size() || (text[end] != '-' && !std::isalnum(text[end]));
        if (ends) return true;
    }
    return false;
}

TEST(CommandTable, NamesAreOneWordAndEachStandsForOneCommand) {
    std::set<std::string> seen;
    for (const CommandInfo& command : commandTable()) {
        EXPECT_EQ(command.name.find_first_of(" \t!/"), std::string_view::npos) << command.name;
        EXPECT_TRUE(seen.emplace(command.name).second) << command.name;
        EXPECT_EQ(findCommand(command.name), &command);
        EXPECT_EQ(findIrcCommand(command.name), &command);
    }
    for (const std::string& name : ircNames()) {
        EXPECT_TRUE(seen.insert(name).second) << name;
        EXPECT_EQ(findCommand(name), nullptr) << name;
        EXPECT_NE(findIrcCommand(name), nullptr) << name;
    }
}

TEST(CommandTable, KnowsIrcNamesThatTheLineAnswersTo) {
    for (const std::string& name : ircNames()) {
        const CommandInfo* const ours = findIrcCommand(name);
        ASSERT_NE(ours, nullptr) << name;
        TypedLine typed;
        const Command command = typed.read("/" + name + " x");
        const bool read = command.index() == ours->arguments.type;
        const auto* const wrong = std::get_if<command::Wrong>(&command);
        const bool refused = wrong && wrong->why.starts_with("usage: ");
        EXPECT_TRUE(read || refused) << name << " is of type " << command.index();
    }
}

// Some arguments that are those of the command, and some that are not.
TEST(CommandTable, EachIsReadAsItsTypeOrToldHowItIsUsed) {
    for (const CommandInfo& command : commandTable()) {
        SCOPED_TRACE(command.name);
        bool isRead = false;
        for (const char* with : {"", " 7", " a", " a b", " ''"}) {
            const std::string line = sign(command) + with;
            const bool ours = parseLine(line).index() == command.arguments.type;
            isRead = isRead || ours;
            const std::string usage = "usage: " + command.usage();
            EXPECT_EQ(why(line), ours ? "" : usage) << line;
        }
        EXPECT_TRUE(isRead);
        const bool takesNothing = command.argumentsText.empty();
        if (takesNothing) {
            EXPECT_THAT(why(sign(command) + " a"), HasSubstr("usage: "));
        }
        const bool needs = !takesNothing && !command.argumentsText.starts_with('[');
        EXPECT_EQ(why(sign(command)).empty(), !needs) << "alone";
    }
}

TEST(CommandTable, ALetterLessIsAnUnknownCommandThatIsNearestToIt) {
    for (const CommandInfo& command : commandTable()) {
        const std::string shorter = sign(command).substr(0, command.name.size());
        if (command.name.size() < 4 || findCommand(shorter.substr(1)) != nullptr) continue;
        EXPECT_THAT(why(shorter), HasSubstr("unknown command '" + shorter + "'; did you mean !"));
    }
}

TEST(CommandTable, HelpInLinesHasEachThatLinesHave) {
    std::set<std::string> lines, screen;
    for (const HelpLine& line : helpLines()) lines.insert(line.usage);
    for (const HelpLine& line : helpLines(Face::Screen)) screen.insert(line.usage);
    for (const CommandInfo& command : commandTable()) {
        const bool forLines = command.withoutScreen.empty();
        EXPECT_EQ(lines.contains(command.usage()), forLines) << command.name;
        EXPECT_TRUE(screen.contains(command.usage())) << command.name;
        EXPECT_FALSE(command.meaning.empty()) << command.name;
    }
    EXPECT_EQ(helpLines().front().usage, "!help");
    EXPECT_EQ(helpLines().back().usage, "!!text");
    EXPECT_EQ(screen.size(), commandTable().size() + 1);
}

// Its rows stand beside the keys on 80 columns.
TEST(CommandTable, ThePageOfTheScreenNamesEach) {
    std::string page = operatorsLine();
    for (const auto& row : helpPage()) {
        EXPECT_LE(row.usage.size(), kPageUsageMax) << row.usage;
        EXPECT_LE(row.meaning.size(), kPageMeaningMax) << row.usage;
        page += "\n" + std::string(row.usage) + " " + std::string(row.meaning);
    }
    for (const CommandInfo& command : commandTable()) {
        EXPECT_TRUE(names(page, sign(command))) << command.name << " is not on\n" << page;
    }
    EXPECT_LE(operatorsLine().size(), 78u);
}

TEST(CommandTable, TheManualNamesEach) {
    std::ifstream in(NETCHAT_SOURCES "/cmd/MANUAL.md");
    std::ostringstream manual;
    manual << in.rdbuf();
    for (const CommandInfo& command : commandTable()) {
        EXPECT_TRUE(names(manual.str(), sign(command))) << command.name;
    }
}

}  // namespace
}  // namespace netchat::connect

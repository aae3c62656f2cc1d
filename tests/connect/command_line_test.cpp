#include "modes/connect/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

void expectWrong(std::string_view line, const std::string& said) {
    const Command command = parseLine(line);
    EXPECT_EQ(command.verb, Verb::Wrong) << line;
    EXPECT_THAT(command.text, HasSubstr(said)) << line;
}

void expectArgument(std::string_view line, Verb verb, const std::string& argument) {
    const Command command = parseLine(line);
    EXPECT_EQ(command.verb, verb) << line;
    EXPECT_EQ(command.argument, argument) << line;
}

TEST(CommandLine, SaysWhatIsNoCommand) {
    EXPECT_EQ(parseLine("hello  world ").text, "hello  world ");
    EXPECT_EQ(parseLine("hello").verb, Verb::Say);
    EXPECT_EQ(parseLine(" !exit").verb, Verb::Say);
    EXPECT_EQ(parseLine("100%").text, "100%");
}

TEST(CommandLine, SaysATextThatBeginsWithTheSign) {
    EXPECT_EQ(parseLine("!!exit").verb, Verb::Say);
    EXPECT_EQ(parseLine("!!exit").text, "!exit");
    EXPECT_EQ(parseLine("!!!").text, "!!");
    EXPECT_EQ(parseLine("!!").text, "!");
}

TEST(CommandLine, TakesLinesOfWindows) {
    EXPECT_EQ(parseLine("hello\r").text, "hello");
    EXPECT_EQ(parseLine("\r").verb, Verb::Nothing);
    EXPECT_EQ(parseLine("").verb, Verb::Nothing);
    EXPECT_EQ(parseLine("!exit\r").verb, Verb::Exit);
}

TEST(CommandLine, KnowsTheCommands) {
    EXPECT_EQ(parseLine("!help").verb, Verb::Help);
    EXPECT_EQ(parseLine("!files").verb, Verb::Files);
    EXPECT_EQ(parseLine("!rooms ").verb, Verb::Rooms);
    expectArgument("!who", Verb::Who, "");
    expectArgument("!who games", Verb::Who, "games");
    expectArgument("!join  games ", Verb::Join, "games");
    expectArgument("!leave", Verb::Leave, "");
    expectArgument("!nick bob", Verb::Nick, "bob");
    expectArgument("!get 3", Verb::Get, "3");
}

TEST(CommandLine, KnowsTheCommandsForTransfersAndForWhoIsIgnored) {
    EXPECT_EQ(parseLine("!transfers").verb, Verb::Transfers);
    expectWrong("!transfers all", "usage: !transfers");
    expectArgument("!cancel", Verb::Cancel, "");
    expectArgument("!cancel my photo.jpg", Verb::Cancel, "my photo.jpg");
    expectArgument("!cancel 'my photo.jpg' ", Verb::Cancel, "my photo.jpg");
    expectWrong("!cancel ''", "usage: !cancel [NUMBER|FILE]");
    expectArgument("!ignore", Verb::Ignore, "");
    expectArgument("!ignore bob", Verb::Ignore, "bob");
    expectArgument("!ignore A. User", Verb::Ignore, "A. User");
    expectArgument("!unignore bob", Verb::Unignore, "bob");
    expectWrong("!unignore", "usage: !unignore NICK");
    expectWrong("!get", "usage: !get FILE");
}

TEST(CommandLine, KnowsWhatIsForTheScreenOnly) {
    EXPECT_EQ(parseLine("!roster").verb, Verb::Roster);
    expectArgument("!preview", Verb::Preview, "");
    expectArgument("!preview my photo.jpg", Verb::Preview, "my photo.jpg");
    EXPECT_EQ(parseLine("!reconnect").verb, Verb::Reconnect);
    EXPECT_EQ(parseLine("!close").verb, Verb::Close);
    expectWrong("!close it", "usage: !close");
    EXPECT_EQ(screenOnlyText(Verb::Roster), "!roster is for the full screen; !who lists the users");
    for (const Verb verb : {Verb::Preview, Verb::Reconnect, Verb::Close}) {
        EXPECT_THAT(screenOnlyText(verb), HasSubstr(" is for the full screen; "));
    }
    EXPECT_EQ(screenOnlyText(Verb::Who), "");
}

TEST(CommandLine, TakesPathsWithSpaces) {
    expectArgument("!upload photo.jpg", Verb::Upload, "photo.jpg");
    expectArgument("!upload my holiday photo.jpg ", Verb::Upload, "my holiday photo.jpg");
    expectArgument("!upload \"my photo.jpg\"", Verb::Upload, "my photo.jpg");
    expectArgument("!upload ' leading.jpg'", Verb::Upload, " leading.jpg");
    expectArgument("!get my photo.jpg", Verb::Get, "my photo.jpg");
}

TEST(CommandLine, TakesAPrivateTextAsItIs) {
    const Command command = parseLine("!msg bob  two  spaces ");
    EXPECT_EQ(command.verb, Verb::Msg);
    EXPECT_EQ(command.argument, "bob");
    EXPECT_EQ(command.text, "two  spaces ");
}

// The screen goes to the talk; lines say how it is used.
TEST(CommandLine, APrivateTextMayBeMissing) {
    expectArgument("!msg bob", Verb::Msg, "bob");
    EXPECT_EQ(parseLine("!msg bob ").text, "");
    EXPECT_EQ(usageText(Verb::Msg), "usage: !msg NICK TEXT");
}

TEST(CommandLine, WhatLooksLikeATalkIsNoRoom) {
    EXPECT_EQ(roomMeant("dev"), "dev");
    EXPECT_EQ(roomMeant("#dev"), "#dev");
    EXPECT_EQ(roomMeant("@bob"), "");
    EXPECT_EQ(roomMeant("#@bob"), "@bob");
}

TEST(CommandLine, SaysWhatOneDoes) {
    const Command command = parseLine("!me  waves at all ");
    EXPECT_EQ(command.verb, Verb::Me);
    EXPECT_EQ(actionText("alice", command.text), "* alice waves at all");
    expectWrong("!me", "usage: !me TEXT");
}

TEST(CommandLine, CountsHistory) {
    EXPECT_EQ(parseLine("!history").count, 20u);
    EXPECT_EQ(parseLine("!history 7").count, 7u);
    EXPECT_EQ(parseLine("!history 999999").count, 1000u);
    expectWrong("!history 0", "!history [N]");
    expectWrong("!history soon", "!history [N]");
}

TEST(CommandLine, SaysHowACommandIsUsed) {
    expectWrong("!upload", "!upload FILE");
    expectWrong("!upload \"\"", "!upload FILE");
    expectWrong("!msg", "!msg NICK TEXT");
    expectWrong("!join", "!join ROOM");
    expectWrong("!join two rooms", "!join ROOM");
    expectWrong("!exit now", "!exit");
}

TEST(CommandLine, TakesWhatOperatorsOrder) {
    const Command kick = parseLine("!kick bob be gone");
    EXPECT_EQ(kick.verb, Verb::Operate);
    EXPECT_EQ(kick.act, "kick");
    EXPECT_EQ(kick.argument, "bob");
    EXPECT_EQ(kick.text, "be gone");
    const Command ban = parseLine("!ban 192.0.2.0/24 1h spam");
    EXPECT_EQ(ban.argument, "192.0.2.0/24");
    EXPECT_EQ(ban.count, 3600u);
    EXPECT_EQ(ban.text, "spam");
    for (const char* line :
         {"!ban bob --address --force 1h spam", "!ban bob --address 1h --force spam"}) {
        const Command with = parseLine(line);
        EXPECT_EQ(with.argument, "bob");
        EXPECT_EQ(with.count, 3600u) << line;
        EXPECT_EQ(with.text, "--address --force spam") << line;
    }
    EXPECT_EQ(parseLine("!ban bob --address").text, "--address");
    EXPECT_EQ(parseLine("!mute bob").count, 0u);
    EXPECT_EQ(parseLine("!kick bob 1h is enough").text, "1h is enough");
    expectWrong("!close-room", "usage: !close-room ROOM [REASON]");
}

TEST(CommandLine, SuggestsTheNearestCommand) {
    expectWrong("!uplaod x", "unknown command '!uplaod'; did you mean !upload?");
    expectWrong("!zz", "unknown command '!zz' (!help");
    expectWrong("!", "!! sends a text");
    expectWrong("! wow", "!! sends a text");
    expectWrong("!\x1b[31m", "'!\xEF\xBF\xBD[31m'");
}

TEST(CommandLine, ExpandsTheHomeFolder) {
    EXPECT_EQ(withHome("~/a b", "/home/eve"), "/home/eve/a b");
    EXPECT_EQ(withHome("~", "/home/eve"), "/home/eve");
    EXPECT_EQ(withHome("~eve/x", "/home/eve"), "~eve/x");
    EXPECT_EQ(withHome("a/~/x", "/home/eve"), "a/~/x");
    EXPECT_EQ(withHome("~/x", ""), "~/x");
}

TEST(CommandLine, HelpsWithEveryCommand) {
    EXPECT_EQ(helpLines().size(), 26u);
    EXPECT_EQ(helpLines().front().usage, "!help");
    EXPECT_EQ(helpLines().back().usage, "!!text");
}

TEST(CommandLine, HelpsAScreenWithMore) {
    const auto has = [](Face face, std::string_view usage) {
        const auto lines = helpLines(face);
        return std::any_of(lines.begin(), lines.end(),
                           [&](const HelpLine& line) { return line.usage == usage; });
    };
    EXPECT_EQ(helpLines(Face::Screen).size(), helpLines().size() + 8);
    for (const auto usage : {"!roster", "!preview [FILE]", "!reconnect", "!close"}) {
        EXPECT_TRUE(has(Face::Screen, usage)) << usage;
        EXPECT_FALSE(has(Face::Lines, usage)) << usage;
    }
}

}  // namespace
}  // namespace netchat::connect

#include "modes/connect/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/connect/command_table.h"

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

template <class C>
C read(std::string_view line) {
    Command command = parseLine(line);
    auto* const expected = std::get_if<C>(&command);
    EXPECT_NE(expected, nullptr) << line << " is of type " << command.index();
    return expected == nullptr ? C{} : std::move(*expected);
}

template <class C>
bool is(std::string_view line) {
    return std::holds_alternative<C>(parseLine(line));
}

std::string said(std::string_view line) {
    return read<command::Say>(line).text;
}

void expectWrong(std::string_view line, const std::string& part) {
    EXPECT_THAT(read<command::Wrong>(line).why, HasSubstr(part)) << line;
}

template <class C>
void expectArgument(std::string_view line, std::string C::*field, const std::string& argument) {
    EXPECT_EQ(read<C>(line).*field, argument) << line;
}

TEST(CommandLine, SaysWhatIsNoCommand) {
    EXPECT_EQ(said("hello  world "), "hello  world ");
    EXPECT_TRUE(is<command::Say>("hello"));
    EXPECT_TRUE(is<command::Say>(" !exit"));
    EXPECT_EQ(said("100%"), "100%");
}

TEST(CommandLine, SaysATextThatBeginsWithTheSign) {
    EXPECT_TRUE(is<command::Say>("!!exit"));
    EXPECT_EQ(said("!!exit"), "!exit");
    EXPECT_EQ(said("!!!"), "!!");
    EXPECT_EQ(said("!!"), "!");
}

TEST(CommandLine, TakesLinesOfWindows) {
    EXPECT_EQ(said("hello\r"), "hello");
    EXPECT_TRUE(is<command::Nothing>("\r"));
    EXPECT_TRUE(is<command::Nothing>(""));
    EXPECT_TRUE(is<command::Exit>("!exit\r"));
}

TEST(CommandLine, KnowsTheCommands) {
    EXPECT_TRUE(is<command::Help>("!help"));
    EXPECT_TRUE(is<command::Files>("!files"));
    EXPECT_TRUE(is<command::Rooms>("!rooms "));
    expectArgument("!who", &command::Who::room, "");
    expectArgument("!who games", &command::Who::room, "games");
    expectArgument("!join  games ", &command::Join::room, "games");
    expectArgument("!leave", &command::Leave::room, "");
    expectArgument("!nick bob", &command::Nick::nick, "bob");
    expectArgument("!get 3", &command::Get::file, "3");
}

TEST(CommandLine, KnowsTheCommandsForTransfersAndForWhoIsIgnored) {
    EXPECT_TRUE(is<command::Transfers>("!transfers"));
    expectWrong("!transfers all", "usage: !transfers");
    expectArgument("!cancel", &command::Cancel::transfer, "");
    expectArgument("!cancel my photo.jpg", &command::Cancel::transfer, "my photo.jpg");
    expectArgument("!cancel 'my photo.jpg' ", &command::Cancel::transfer, "my photo.jpg");
    expectWrong("!cancel ''", "usage: !cancel [NUMBER|FILE]");
    expectArgument("!ignore", &command::Ignore::nick, "");
    expectArgument("!ignore bob", &command::Ignore::nick, "bob");
    expectArgument("!ignore A. User", &command::Ignore::nick, "A. User");
    expectArgument("!unignore bob", &command::Unignore::nick, "bob");
    expectWrong("!unignore", "usage: !unignore NICK");
    expectWrong("!get", "usage: !get FILE");
}

TEST(CommandLine, KnowsWhatIsForTheScreenOnly) {
    EXPECT_TRUE(is<command::Roster>("!roster"));
    expectArgument("!preview", &command::Preview::file, "");
    expectArgument("!preview my photo.jpg", &command::Preview::file, "my photo.jpg");
    EXPECT_TRUE(is<command::Reconnect>("!reconnect"));
    EXPECT_TRUE(is<command::Close>("!close"));
    expectWrong("!close it", "usage: !close");
    EXPECT_EQ(screenOnlyText(command::Roster{}),
              "!roster is for the full screen; !who lists the users");
    for (const char* line : {"!preview", "!reconnect", "!close", "!room 2", "!set bell yes"}) {
        EXPECT_THAT(screenOnlyText(parseLine(line)), HasSubstr(" is for the full screen; "));
    }
    EXPECT_EQ(screenOnlyText(command::Who{}), "");
    EXPECT_EQ(screenOnlyText(command::Say{"x"}), "");
}

TEST(CommandLine, TakesPathsWithSpaces) {
    expectArgument("!upload photo.jpg", &command::Upload::paths, "photo.jpg");
    expectArgument("!upload my holiday photo.jpg ", &command::Upload::paths,
                   "my holiday photo.jpg");
    expectArgument("!upload \"my photo.jpg\"", &command::Upload::paths, "my photo.jpg");
    expectArgument("!upload ' leading.jpg'", &command::Upload::paths, " leading.jpg");
    expectArgument("!get my photo.jpg", &command::Get::file, "my photo.jpg");
}

TEST(CommandLine, TakesAPrivateTextAsItIs) {
    const auto msg = read<command::Msg>("!msg bob  two  spaces ");
    EXPECT_EQ(msg.nick, "bob");
    EXPECT_EQ(msg.text, "two  spaces ");
}

// The screen goes to the talk; lines say how it is used.
TEST(CommandLine, APrivateTextMayBeMissing) {
    expectArgument("!msg bob", &command::Msg::nick, "bob");
    EXPECT_EQ(read<command::Msg>("!msg bob ").text, "");
    EXPECT_EQ(usageText(command::Msg{}), "usage: !msg NICK TEXT");
}

TEST(CommandLine, WhatLooksLikeATalkIsNoRoom) {
    EXPECT_EQ(roomMeant("dev"), "dev");
    EXPECT_EQ(roomMeant("#dev"), "#dev");
    EXPECT_EQ(roomMeant("@bob"), "");
    EXPECT_EQ(roomMeant("#@bob"), "@bob");
}

TEST(CommandLine, SaysWhatOneDoes) {
    const auto me = read<command::Me>("!me  waves at all ");
    EXPECT_EQ(actionText("alice", me.what), "* alice waves at all");
    expectWrong("!me", "usage: !me TEXT");
}

TEST(CommandLine, CountsHistory) {
    EXPECT_EQ(read<command::History>("!history").count, 20u);
    EXPECT_EQ(read<command::History>("!history 7").count, 7u);
    EXPECT_EQ(read<command::History>("!history 999999").count, 1000u);
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
    const auto kick = read<command::Operate>("!kick bob be gone");
    EXPECT_EQ(kick.act, "kick");
    EXPECT_EQ(kick.target, "bob");
    EXPECT_EQ(kick.reason, "be gone");
    const auto ban = read<command::Operate>("!ban 192.0.2.0/24 1h spam");
    EXPECT_EQ(ban.target, "192.0.2.0/24");
    EXPECT_EQ(ban.seconds, 3600u);
    EXPECT_EQ(ban.reason, "spam");
    for (const char* line :
         {"!ban bob --address --force 1h spam", "!ban bob --address 1h --force spam"}) {
        const auto with = read<command::Operate>(line);
        EXPECT_EQ(with.target, "bob");
        EXPECT_EQ(with.seconds, 3600u) << line;
        EXPECT_EQ(with.reason, "--address --force spam") << line;
    }
    EXPECT_EQ(read<command::Operate>("!ban bob --address").reason, "--address");
    EXPECT_EQ(read<command::Operate>("!mute bob").seconds, 0u);
    EXPECT_EQ(read<command::Operate>("!kick bob 1h is enough").reason, "1h is enough");
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

}  // namespace
}  // namespace netchat::connect

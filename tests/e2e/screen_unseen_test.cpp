// The full screen of netchat connect under tmux: what nobody has looked at, what was refused, and
// talks that must not be taken for rooms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/at_screen.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ScreenUnseenTest : public ::testing::Test {
  protected:
    // Waits until what is kept for the next run holds a text.
    static bool keeps(const fs::path& folder, std::string_view text) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(25);
        while (std::chrono::steady_clock::now() < end) {
            for (const auto& entry : fs::recursive_directory_iterator(folder)) {
                if (entry.path().extension() != ".screen") continue;
                std::ostringstream all;
                all << std::ifstream(entry.path()).rdbuf();
                if (all.str().find(text) != std::string::npos) return true;
            }
            std::this_thread::yield();
        }
        return false;
    }

    ServerProcess server_;
};

TEST_F(ScreenUnseenTest, WhatIsUnreadIsUnreadInTheNextRun) {
    AtScreen alice(server_.address(), "alice");
    V2ByHand bot(server_.port(), "bot");
    bot.say("lobby", "1", "seen by alice");
    alice.hears("bot", "seen by alice");
    alice.line("!join other");
    alice.sees("you are in other");
    bot.say("lobby", "2", "missed by her");
    bot.say("lobby", "3", "alice: are you there?");
    bot.send("tell", "to:alice\tid:4", "in private");
    alice.sees(" 1 lobby 2!1  2 other  3 @bot 1!");
    alice.leaves();
    alice.runsAgain();
    alice.sees(" 1 lobby 2!1  2 other  3 @bot 1!");
    alice.keys("M-1");
    alice.hears("bot", "seen by alice");
    const std::string screen = alice.sees("new since you looked");
    EXPECT_LT(screen.find("seen by alice"), screen.find("new since you looked"));
    EXPECT_LT(screen.find("new since you looked"), screen.find("missed by her"));
    alice.leaves();
    alice.runsAgain();
    alice.sees("3 @bot 1!");
    EXPECT_THAT(firstRow(alice.settled()), HasSubstr(" 1 lobby  2 other"));
}

// It is in no log: nothing else has it.
TEST_F(ScreenUnseenTest, APrivateMessageSurvivesTheEndOfTheProgram) {
    const TempFolder state;
    const Tmux::Options keeping{.environment = {{"XDG_STATE_HOME", state.path().string()}}};
    V2ByHand bot(server_.port(), "bot");
    {
        AtScreen alice(server_.address(), "alice", {}, keeping);
        bot.send("tell", "to:alice\tid:4", "a secret for alice");
        alice.sees("2 @bot 1!");
        ASSERT_TRUE(keeps(state.path(), "a secret for alice"));
        alice.terminal().signal(SIGKILL);
        alice.sees("ended 137");
    }
    AtScreen alice(server_.address(), "alice", {}, keeping);
    alice.sees("2 @bot 1!");
    alice.keys("M-2");
    alice.hears("bot", "a secret for alice");
}

TEST_F(ScreenUnseenTest, SomebodyIgnoredTakesNothingOfTheOthersAway) {
    V2ByHand talker(server_.port(), "talker", "ig"), carol(server_.port(), "carol", "ig");
    const auto says = [](V2ByHand& who, const std::string& id, const std::string& text) {
        who.send("say", "room:ig\tid:" + id, text);
        while (who.readUntil("msg").body != text) {
        }
    };
    for (const char* text : {"t1", "t2 needleZ", "t3", "t4"})
        says(talker, std::string(text, 2), text);
    for (int i = 0; i < 400; ++i) {
        says(carol, "c" + std::to_string(i), "carol says her line no. " + std::to_string(i));
    }
    for (int i = 0; i < 150; ++i) {
        says(talker, "u" + std::to_string(i), "talker says line no. " + std::to_string(i) + ".");
    }
    AtScreen eve(server_.address(), "eve");
    eve.line("!ignore carol");
    eve.sees("nobody here is called carol");
    eve.line("!join ig");
    eve.hears("talker", "talker says line no. 149.");
    eve.line("!search needleZ");
    eve.hears("talker", "t2 needleZ");
    eve.types("\x1b");
    eve.keys("M->");
    eve.hears("talker", "talker says line no. 149.");
    eve.keys("M-<");
    eve.hears("talker", "t1");
    const std::string top = eve.settled();
    EXPECT_LT(top.find("t1\n"), top.find("t2 needleZ"));
    EXPECT_LT(top.find("│ t4\n"), top.find("talker says line no. 0."));
    EXPECT_THAT(top, Not(HasSubstr("│\n"))) << "a line that has neither nick nor text";
}

TEST_F(ScreenUnseenTest, WhatIsRefusedIsSaidWhereSomebodyIs) {
    AtScreen alice(server_.address(), "alice");
    alice.line("!join dev");
    alice.sees("you are in dev");
    alice.line("/msg nosuch x");
    EXPECT_THAT(alice.sees("not sent to @nosuch: "), HasSubstr(" 1 lobby  2 dev\n"));
    alice.line("/names lobby");
    alice.sees("1 in lobby: alice");
    alice.line("!join LOBBY");
    const std::string screen = alice.sees("cannot join the room 'LOBBY'");
    EXPECT_THAT(firstRow(screen), Not(HasSubstr("LOBBY")));
    EXPECT_THAT(screen, HasSubstr("you are in dev")) << "the room of before";
    alice.leaves();
    alice.runsAgain();
    EXPECT_THAT(firstRow(alice.settled()), Not(HasSubstr("@nosuch")));
}

TEST_F(ScreenUnseenTest, ATalkIsNeverARoom) {
    AtScreen alice(server_.address(), "alice");
    V2ByHand bob(server_.port(), "bob");
    alice.line("/join @bob");
    alice.sees(" 1 lobby  2 @bob");
    alice.line("a secret");
    EXPECT_EQ(bob.readUntil("tell").body, "a secret");
    bob.send("join", "room:@alice");
    EXPECT_THAT(bob.readUntil("error").body, HasSubstr("must not begin with '@'"));
}

}  // namespace
}  // namespace netchat::test

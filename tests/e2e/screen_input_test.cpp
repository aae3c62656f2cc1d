// The full screen of netchat connect under tmux: keyboards, mice and terminals that are not as
// usual.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_screen.h"
#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ScreenInputTest : public ::testing::Test {
  protected:
    void says(int count) {
        V2ByHand bot(server_.port(), "bot");
        for (int i = 1; i <= count; ++i) {
            bot.say("lobby", std::to_string(i), "number " + std::to_string(i) + ".");
        }
    }
    ServerProcess server_;
};

TEST_F(ScreenInputTest, APasteThatNeverEndsEndsByItself) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    alice.types("\x1b[200~lost");
    alice.sees("pasting");
    alice.hasTyped("> lost");
    EXPECT_THAT(alice.seesNot("pasting"), HasSubstr("> lost"));
    // As a person types: each key when the one before is seen.
    for (std::string typed = "> lost"; const char c : std::string("-and-found")) {
        alice.types({&c, 1});
        alice.hasTyped(typed += c);
    }
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "lost-and-found");
}

TEST_F(ScreenInputTest, WhatFollowsAPasteThatStalledIsNoCommand) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    alice.types("\x1b[200~line a\r");
    alice.sees("incomplete paste");
    alice.hasTyped("> line a");
    alice.types("!nick pwned\rline c\r!me was here\rtail\x1b[201~");
    alice.sees("5 lines, one message");
    alice.seesNot("incomplete paste");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "line a\n!nick pwned\nline c\n!me was here\ntail");
    alice.line("typed again");
    EXPECT_EQ(bob.readUntil("msg").body, "typed again");
}

TEST_F(ScreenInputTest, AKeyAfterEscapeIsMeta) {
    AtScreen alice(server_.address(), "alice");
    alice.line("!join dev");
    alice.sees("you are in dev");
    // tmux sends each by itself, so that the second comes when the first one was decided.
    alice.keys("Escape");
    alice.types("1");
    alice.terminal().hasValue("#{pane_title}", "lobby - netchat");
    alice.hasTyped(">");
}

TEST_F(ScreenInputTest, TheWheelScrollsAndLeavesWhatIsTyped) {
    says(100);
    AtScreen alice(server_.address(), "alice");
    alice.hears("bot", "number 100.");
    EXPECT_EQ(alice.terminal().value("#{mouse_any_flag} #{mouse_sgr_flag}"), "1 1");
    alice.line("entered before");
    alice.hears("alice", "entered before");
    alice.types("half");
    alice.hasTyped("> half");
    for (int i = 0; i < 5; ++i) alice.types("\x1b[<64;10;5M");
    alice.sees("PgDn: more below");
    alice.seesNot("number 100.");
    alice.hasTyped("> half");
    for (int i = 0; i < 5; ++i) alice.types("\x1b[<65;10;5M");
    alice.hears("bot", "number 100.");
    alice.hasTyped("> half");
}

TEST_F(ScreenInputTest, TheMouseIsTheTerminalsWhereItIsWantedSo) {
    says(3);
    AtScreen alice(server_.address(), "alice"), bob(server_.address(), "bob", {"--mouse", "off"});
    bob.hears("bot", "number 3.");
    EXPECT_EQ(bob.terminal().value("#{mouse_any_flag}"), "0");
    alice.terminal().hasValue("#{mouse_any_flag}", "1");
    alice.keys("M-l");
    alice.terminal().hasValue("#{mouse_any_flag}", "0");
    const std::string bare = alice.sees("\nbot: number 3.\n");
    EXPECT_THAT(bare, Not(HasSubstr("│")));
    EXPECT_THAT(bare, Not(HasSubstr("connected")));
    alice.keys("M-l");
    alice.terminal().hasValue("#{mouse_any_flag}", "1");
    alice.hears("bot", "number 3.");
}

TEST_F(ScreenInputTest, TheBareViewKeepsLongAddressesWhole) {
    std::string address = "https://example.org/";
    for (int i = 0; i < 30; ++i) address += "part" + std::to_string(i) + "/";
    for (const std::string term : {"tmux-256color", "xterm-256color", "screen"}) {
        SCOPED_TRACE(term);
        V2ByHand bob(server_.port(), "bob" + term.substr(0, 1));
        AtScreen alice(server_.address(), "alice" + term.substr(0, 1), {}, {.term = term});
        for (int i = 0; i < 30; ++i) bob.say("lobby", "n" + std::to_string(i), "number");
        bob.say("lobby", "1", address);
        bob.say("lobby", "2", "the next");
        alice.hears("bob" + term.substr(0, 1), "the next");
        EXPECT_THAT(alice.terminal().joined(), Not(HasSubstr(address)));
        alice.keys("M-l");
        alice.sees("\nbob" + term.substr(0, 1) + ": the next\n");
        EXPECT_THAT(alice.terminal().joined(), HasSubstr(address));
        alice.keys("Up");
        alice.seesNot(": the next\n");
        EXPECT_THAT(alice.terminal().joined(), HasSubstr(address));
        alice.keys("M-l");
        alice.sees("PgDn: more below");
        EXPECT_THAT(alice.terminal().joined(), Not(HasSubstr(address)));
    }
}

TEST_F(ScreenInputTest, ATerminalThatTerminfoDoesNotKnowHasItsScreenAndANote) {
    int i = 0;
    for (const std::string term : {"xterm-unheard-of", "foot-unheard-of", "alacritty-unheard-of"}) {
        SCOPED_TRACE(term);
        const std::string nick = "alice" + std::to_string(++i);
        AtScreen alice(server_.address(), nick, {}, {.width = 160, .term = term});
        EXPECT_EQ(alice.terminal().value("#{alternate_on}"), "1");
        const std::string note =
            "terminfo does not know TERM '" + term + "': it is treated as an xterm-256color";
        alice.sees("!! │ " + note);
        alice.line("hello");
        alice.hears(nick, "hello");
        alice.hasTyped(">");
        EXPECT_THAT(alice.leaves(), HasSubstr("netchat connect: " + note + "\n"));
    }
}

TEST_F(ScreenInputTest, ALongMessageIsFoldedForItsReaders) {
    std::string text;
    for (int i = 1; i <= 200; ++i) text += "row " + std::to_string(i) + ".\n";
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    bob.send("say", "room:lobby\tid:1", text);
    bob.say("lobby", "2", "and that is all");
    alice.hears("bob", "and that is all");
    EXPECT_THAT(alice.settled(), HasSubstr("│ row 10.\n"));
    alice.sees("… 191 more rows: M-o opens");
    alice.keys("Enter");
    alice.sees("│ row 11.");
    alice.keys("M->");
    alice.sees("│ row 200.");
    alice.keys("M-o");
    alice.sees("more rows: M-o opens");
}

}  // namespace
}  // namespace netchat::test

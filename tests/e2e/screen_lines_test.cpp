// netchat connect --plain at a terminal, under tmux: what is typed and what arrives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_screen.h"
#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Somebody at a terminal of lines.
class AtLines {
  public:
    AtLines(const std::string& server, const std::string& nick, const Tmux::Options& options = {})
        : terminal_(options) {
        terminal_.runs({"connect", server, "--nick", nick, "--plain", "--downloads",
                        downloads_.path().string()});
        terminal_.sees("* you are in lobby");
    }
    Tmux* operator->() { return &terminal_; }
    // The last row that is not blank.
    void endsWith(const std::string& row) {
        terminal_.seesThat("'" + row + "' as the last row", [&](const std::string& screen) {
            const size_t end = screen.find_last_not_of(" \n") + 1;
            const size_t begin = screen.rfind('\n', end - 1) + 1;
            return screen.substr(begin, end - begin) == row;
        });
    }

  private:
    TempFolder downloads_;
    Tmux terminal_;
};

class ScreenLinesTest : public ::testing::Test {
  protected:
    ServerProcess server_;
};

TEST_F(ScreenLinesTest, WhatArrivesNeverLandsInWhatIsTyped) {
    V2ByHand bob(server_.port(), "bob");
    AtLines alice(server_.address(), "alice");
    alice->types("half a sentence é");
    alice.endsWith("half a sentence é");
    for (int i = 0; i < 5; ++i) {
        bob.say("lobby", std::to_string(i), "number " + std::to_string(i));
        alice->seesLine("^[0-9:]+ <bob> number " + std::to_string(i) + "$");
        alice.endsWith("half a sentence é");
    }
    EXPECT_THAT(alice->screen(), Not(HasSubstr("é[")));
    EXPECT_EQ(alice->value("#{cursor_x}"), "17");
    alice->keys("BSpace", "BSpace");
    alice->types(", whole");
    alice.endsWith("half a sentence, whole");
    alice->keys("Enter");
    while (bob.readUntil("msg").body != "half a sentence, whole") {
    }
    alice->seesLine("^half a sentence, whole$");
    alice->keys("Up");
    alice.endsWith("half a sentence, whole");
    alice->keys("C-u");
    alice->line("!exit");
    alice->sees("\nended 0\n");
    EXPECT_THAT(alice->screen(), Not(HasSubstr("the mode is another")));
}

TEST_F(ScreenLinesTest, TheTerminalIsAsBeforeAfterSignals) {
    for (const auto& [number, end] : {std::pair{SIGINT, "ended 130"}, {SIGTERM, "ended 143"}}) {
        AtLines alice(server_.address(), "alice" + std::to_string(number));
        alice->types("half");
        alice.endsWith("half");
        alice->signal(number);
        EXPECT_THAT(alice->sees("\n" + std::string(end) + "\n"),
                    Not(HasSubstr("the mode is another")));
    }
}

TEST_F(ScreenLinesTest, StopsAndGoesOn) {
    V2ByHand bob(server_.port(), "bob");
    AtLines alice(server_.address(), "alice");
    alice->types("half");
    alice.endsWith("half");
    alice->keys("C-z");
    EXPECT_THAT(alice->sees("ended 148"), Not(HasSubstr("the mode is another")));
    bob.say("lobby", "1", "while it was stopped");
    alice->line("clear; fg; echo \"ended $?\"");
    alice->seesLine("<bob> while it was stopped$");
    alice.endsWith("half");
    alice->types(" a line");
    alice->keys("Enter");
    while (bob.readUntil("msg").body != "half a line") {
    }
}

TEST_F(ScreenLinesTest, NeverRunsWhatIsPasted) {
    V2ByHand bob(server_.port(), "bob");
    AtLines alice(server_.address(), "alice");
    for (const std::string text : {"!nick pwned", "/nick pwned", "!me waves\n/msg bob x"}) {
        alice->pastes(text + "\n");
        alice->keys("Enter");
        EXPECT_EQ(bob.readUntil("msg").body, text);
        alice->sees("netchat: pasted: sent as text");
        alice->keys("C-l");
    }
    alice->types("\x1b[200~line a\r");
    alice.endsWith("line a");
    alice->types("!nick pwned\r\x1b[201~");
    alice->keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "line a\n!nick pwned");
    alice->line("!exit");
    alice->sees("\nended 0\n");
}

TEST_F(ScreenLinesTest, TakesBackThatPastesAreMarked) {
    AtLines alice(server_.address(), "alice");
    alice->types("half");
    alice.endsWith("half");
    alice->keys("C-z");
    alice->sees("ended 148");
    alice->pastes("echo one");
    EXPECT_THAT(alice->sees("echo one"), Not(HasSubstr("200~")));
    alice->keys("Enter");
    alice->line("clear; fg; echo \"ended $?\"");
    alice.endsWith("half");
    alice->keys("C-u");
    alice->pastes("!exit");
    alice.endsWith("!exit");
    alice->keys("Enter");
    alice->sees("pasted: sent as text");
    alice->signal(SIGTERM);
    alice->sees("\nended 143\n");
    alice->pastes("echo two");
    EXPECT_THAT(alice->sees("echo two"), Not(HasSubstr("200~")));
}

TEST_F(ScreenLinesTest, ADumbTerminalIsToldNothing) {
    AtLines alice(server_.address(), "alice", {.term = "dumb"});
    alice->pastes("hello");
    alice.endsWith("hello");
}

TEST_F(ScreenLinesTest, OneNickInTwoCasesIsOnePerson) {
    V2ByHand carl(server_.port(), "Carl"), bob(server_.port(), "bob");
    AtLines alice(server_.address(), "alice");
    alice->line("!ignore CARL");
    alice->sees("you ignore Carl now");
    carl.say("lobby", "1", "unseen");
    bob.say("lobby", "1", "seen");
    EXPECT_THAT(alice->sees("<bob> seen"), Not(HasSubstr("unseen")));
    alice->line("!unignore carl");
    alice->sees("any more");
    alice->line("!ignore nosuch");
    alice->sees("you ignore nosuch now: no user with this nick was seen yet");
    alice->line("!msg CARL hello");
    EXPECT_EQ(carl.readUntil("tell").body, "hello");
}

TEST_F(ScreenLinesTest, AnEmptyLineIsNoYes) {
    V2ByHand bob(server_.port(), "bob");
    AtLines alice(server_.address(), "alice");
    alice->line("/identfy secret-1");
    alice->sees("repeat the line");
    alice->keys("Enter");
    alice->line("hello");
    EXPECT_EQ(bob.readUntil("msg").body, "hello");
}

TEST_F(ScreenLinesTest, EndsAtTheEndOfItsInput) {
    AtLines alice(server_.address(), "alice");
    alice->keys("C-d");
    alice->sees("\nended 0\n");
}

}  // namespace
}  // namespace netchat::test

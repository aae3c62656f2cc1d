// The full screen of netchat connect under tmux: what becomes of the terminal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <regex>
#include <sstream>

#include "tests/support/at_screen.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ScreenTerminalTest : public ::testing::Test {
  protected:
    std::vector<std::string> connect(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all = {"connect", server_.address(), "--nick", "alice"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ServerProcess server_;
};

// What the shell has to find when the program is gone: its own screen, a cursor, its mode (of which
// it says nothing), and pastes that are not marked.
void expectRestored(Tmux& terminal, const std::string& end) {
    terminal.sees("\n" + end + "\n");
    terminal.sees("\n$\n");
    EXPECT_THAT(terminal.screen(),
                AllOf(Not(HasSubstr("you are in")), Not(HasSubstr("the mode is another"))));
    EXPECT_EQ(terminal.value("#{alternate_on} #{cursor_flag} #{wrap_flag} #{keypad_flag} "
                             "#{mouse_any_flag}"),
              "0 1 1 0 0");
    terminal.line(
        "stty -a | tr ' ;' '\\n\\n' | grep -Ex -- '-?(echo|icanon|isig)' | sort; echo all");
    EXPECT_THAT(terminal.sees("\nall\n$"), HasSubstr("\necho\nicanon\nisig\nall\n"));
    terminal.pastes("echo a paste");
    EXPECT_THAT(terminal.sees("$ echo a paste"), Not(HasSubstr("200~")));
}

// ---- the terminal afterwards

TEST_F(ScreenTerminalTest, IsRestoredAfterExit) {
    AtScreen alice(server_.address(), "alice");
    EXPECT_EQ(alice.terminal().value("#{alternate_on}"), "1");
    alice.line("!exit");
    expectRestored(alice.terminal(), "ended 0");
}

// A sanitizer would report a crash on the terminal, and end otherwise.
std::map<std::string, std::string> withoutReports() {
    std::map<std::string, std::string> environment;
    for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS"}) {
        const char* already = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        environment[name] = (already ? std::string(already) + ":" : std::string()) +
                            "handle_segv=0:handle_sigbus=0:handle_abort=0";
    }
    return environment;
}

TEST_F(ScreenTerminalTest, IsRestoredAfterSignals) {
    const std::pair<int, const char*> ends[] = {{SIGTERM, "ended 143"},
                                                {SIGINT, "ended 130"},
                                                {SIGSEGV, "ended 139"},
                                                {SIGABRT, "ended 134"},
                                                {SIGBUS, "ended 135"}};
    for (const auto& [number, end] : ends) {
        SCOPED_TRACE(end);
        AtScreen alice(server_.address(), "alice" + std::to_string(number), {},
                       {.environment = withoutReports()});
        alice.terminal().signal(number);
        expectRestored(alice.terminal(), end);
    }
}

TEST_F(ScreenTerminalTest, SuspendsAndComesBack) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    AtScreen alice(server_.address(), "alice");
    bob.type("before");
    alice.hears("bob", "before");
    alice.types("half a sen");
    for (const char* word : {"first", "second"}) {
        alice.keys("C-z");
        expectRestored(alice.terminal(), "ended 148");
        alice.keys("C-u");
        bob.type(word);
        alice.line("clear; fg; echo \"ended $?\"");
        alice.hears("bob", word);
        const std::string screen = alice.settled("half a sen");
        EXPECT_EQ(AtScreen::timesSaid(screen, "before"), 1) << screen;
        alice.hasTyped("> half a sen");
        EXPECT_EQ(alice.terminal().value("#{alternate_on}"), "1");
    }
    alice.types("tence");
    alice.keys("Enter");
    bob.sees("<alice> half a sentence");
}

TEST_F(ScreenTerminalTest, SaysInOneLineThatThereIsNoServer) {
    uint16_t port = 0;
    {
        const RawListener gone;
        port = gone.port();
    }
    Tmux terminal({.width = 140});
    const std::string server = "127.0.0.1:" + std::to_string(port);
    terminal.runs({"connect", server, "--nick", "alice"});
    terminal.sees("\nended 3\n$\n");
    const auto rows = terminal.rows();
    ASSERT_GE(rows.size(), 4u);
    EXPECT_EQ(rows[0], "$ chat");
    EXPECT_THAT(rows[1],
                AllOf(StartsWith("netchat connect: "), HasSubstr(server), HasSubstr("refused")));
    EXPECT_EQ(rows[2], "ended 3");
}

TEST_F(ScreenTerminalTest, SaysInOneLineThatTheNickIsTaken) {
    Person first(server_.address(), "alice");
    first.isInside();
    Tmux terminal({.width = 140});
    terminal.runs(connect());
    terminal.sees("\nended 3\n$\n");
    EXPECT_THAT(terminal.rows()[1], StartsWith("netchat connect: 'alice' is taken: "));
    EXPECT_EQ(terminal.rows()[2], "ended 3");
}

// ---- terminals that show less

TEST_F(ScreenTerminalTest, IsLinesWhereTheTerminalShowsNoMore) {
    for (const std::string term : {"dumb", "nonsense", "tmux-256color"}) {
        SCOPED_TRACE(term);
        Tmux terminal({.width = 140, .term = term});
        terminal.runs(connect(term == "tmux-256color" ? std::vector<std::string>{"--plain"}
                                                      : std::vector<std::string>{}));
        const std::string screen = terminal.sees("* you are in lobby");
        EXPECT_EQ(terminal.value("#{alternate_on}"), "0");
        EXPECT_EQ(
            screen.find("cannot use the full screen: TERM is 'nonsense'") != std::string::npos,
            term == "nonsense");
        terminal.line("!who");
        terminal.sees("* 1 in lobby: alice");
        terminal.line("!exit");
        terminal.sees("\nended 0\n");
    }
}

TEST_F(ScreenTerminalTest, HasNoColorsWhereNoneAreWanted) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen colored(server_.address(), "colored"),
        plain(server_.address(), "plain", {}, {.environment = {{"NO_COLOR", "1"}}});
    bob.say("lobby", "1", "hello plain, hello colored");
    const std::regex color("\x1b\\[([0-9]+;)*([34][0-8]|9[0-7]|10[0-7])[;m]");
    colored.hears("bob", "hello plain, hello colored");
    colored.settled();
    EXPECT_TRUE(std::regex_search(colored.terminal().styled(), color));
    plain.hears("bob", "hello plain, hello colored");
    plain.line("!nonsense");
    plain.sees("unknown command");
    plain.settled();
    const std::string styled = plain.terminal().styled();
    EXPECT_FALSE(std::regex_search(styled, color)) << styled;
    EXPECT_THAT(styled, HasSubstr("\x1b["));
}

TEST_F(ScreenTerminalTest, WorksWithOtherTerminalsNames) {
    int i = 0;
    for (const char* term : {"xterm", "xterm-256color", "screen", "vt100", "linux"}) {
        SCOPED_TRACE(term);
        const std::string nick = "alice" + std::to_string(++i);
        AtScreen alice(server_.address(), nick, {}, {.term = term});
        alice.line("hello");
        alice.hears(nick, "hello");
        alice.hasTyped(">");
        EXPECT_THAT(alice.leaves(), HasSubstr("ended 0\n"));
    }
}

// ---- what others say

// All but the status, which tells the time of a round trip.
std::string withoutStatus(const std::string& screen) {
    std::istringstream lines(screen);
    std::string rows;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(" connected  ")) rows += line + "\n";
    }
    return rows;
}

TEST_F(ScreenTerminalTest, HostileTextDoesNothingToTheTerminal) {
    std::string marks = "e";
    for (int i = 0; i < 50; ++i) marks += "\u0301";
    const std::string texts[] = {
        "\x1b[2J\x1b[Hcleared",
        "\x1b]0;stolen\x07 title",
        "\x1b]52;c;c3RvbGVu\x07 clipboard",
        "\x1bPtmux;\x1b\x1b]52;c;c3RvbGVu\x07\x1b\\ passed on",
        "\x1b[?1049l\x1b[?25l\x1b(0 modes",
        "\u009b2J\u009d0;stolen\u009c eight bits",
        "\u202eright to left\u2066\u2067 isolated",
        marks + " marked",
        "👩\u200d👩\u200d👧\u200d👦 family 🏳\ufe0f\u200d🌈 flag 👍🏽 thumb",
        "\r\b\b\b\b\x0b\x0c\x0e\x7f controls",
        "\t\ttabs\tbetween",
        "文字化け \uff21\uff22 wide",
        std::string(30, '\n') + "thirty lines",
        std::string(500, 'x') + " long",
    };
    V2ByHand eve(server_.port(), "eve");
    AtScreen alice(server_.address(), "alice", {}, {.width = 90});
    Tmux& terminal = alice.terminal();
    alice.keys("F2");
    alice.types("typed");
    int i = 0;
    for (const std::string& text : texts) {
        SCOPED_TRACE(text);
        const std::string id = std::to_string(++i);
        eve.send("say", "room:lobby\tid:" + id, text);
        eve.say("lobby", "after" + id, "this is after " + id);
        alice.hears("eve", "this is after " + id);
        alice.settled("typed");
        const auto drawn = terminal.rows();
        ASSERT_EQ(drawn.size(), 24u);
        EXPECT_THAT(drawn.front(), " 1 lobby");
        EXPECT_THAT(drawn[1], HasSubstr("│ 2 here"));
        EXPECT_THAT(drawn[2], HasSubstr("│ alice"));
        EXPECT_THAT(drawn[3], HasSubstr("│ eve"));
        for (size_t row = 4; row < 22; ++row) EXPECT_TRUE(drawn[row].ends_with("│")) << drawn[row];
        EXPECT_THAT(drawn[22], StartsWith(" connected  alice@"));
        EXPECT_EQ(drawn[23], "> typed");
        terminal.hasValue("#{cursor_x} #{cursor_flag}", "7 1");
        // What is drawn anew is the same: nothing was where the program did not know of it.
        const std::string before = withoutStatus(terminal.screen());
        alice.keys("C-l");
        EXPECT_EQ(withoutStatus(alice.settled("typed")), before);
    }
    EXPECT_EQ(terminal.value("#{pane_title}"), "lobby - netchat");
    EXPECT_EQ(terminal.value("#{alternate_on}"), "1");
    EXPECT_THAT(terminal.clipboard(), IsEmpty());
}

TEST_F(ScreenTerminalTest, HasTheNameOfTheRoomAsItsTitle) {
    AtScreen alice(server_.address(), "alice", {"--room", "größe"});
    alice.terminal().hasValue("#{pane_title}", "größe - netchat");
    alice.line("!join dev");
    alice.terminal().hasValue("#{pane_title}", "dev - netchat");
}

}  // namespace
}  // namespace netchat::test

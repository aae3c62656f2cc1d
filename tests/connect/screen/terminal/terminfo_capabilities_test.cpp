#include "modes/connect/screen/terminal/terminfo_capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/connect/screen/terminal/known_terminal.h"

namespace netchat::connect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TerminfoCapabilities, KnowsCommonTerminals) {
    for (const char* name : {"xterm-256color", "screen-256color", "tmux-256color", "rxvt", "linux",
                             "vt100", "xterm", "alacritty", "putty"}) {
        const auto loaded = TerminfoCapabilities::load(name);
        ASSERT_TRUE(loaded) << loaded.error().text;
        EXPECT_EQ(loaded->moveTo({4, 2}), "\x1b[3;5H") << name;
        EXPECT_FALSE(loaded->wrapsAtEdge()) << name;
        EXPECT_THAT(loaded->bold(), "\x1b[1m") << name;
        EXPECT_THAT(loaded->enter(), HasSubstr("\x1b[?7l")) << name;
        EXPECT_THAT(loaded->leave(), HasSubstr("\x1b[?7h")) << name;
        EXPECT_EQ(loaded->bell(), "\a") << name;
    }
}

TEST(TerminfoCapabilities, CountsColors) {
    EXPECT_EQ(terminal("xterm-256color").colors(), 256);
    EXPECT_EQ(terminal("xterm-16color").colors(), 16);
    EXPECT_EQ(terminal("rxvt-88color").colors(), 16);
    EXPECT_EQ(terminal("linux").colors(), 8);
    EXPECT_EQ(terminal("vt100").colors(), 0);
    EXPECT_EQ(terminal("xterm-direct").colors(), 256);
    EXPECT_EQ(terminal("xterm-direct").foreground(208), "\x1b[38;5;208m");
    EXPECT_EQ(terminal("xterm-256color", {.color = false}).colors(), 0);
}

TEST(TerminfoCapabilities, KnowsWhoTakesTrueColor) {
    const auto takes = [](const std::string& name, const TerminfoCapabilities::Hints& hints) {
        return terminal(name, hints).trueColor();
    };
    EXPECT_FALSE(takes("xterm-256color", {}));
    EXPECT_TRUE(takes("xterm-256color", {.colorTerm = "truecolor"}));
    EXPECT_TRUE(takes("xterm-256color", {.colorTerm = "24bit"}));
    EXPECT_FALSE(takes("xterm-256color", {.colorTerm = "yes"}));
    EXPECT_FALSE(takes("xterm-256color", {.color = false, .colorTerm = "truecolor"}));
    EXPECT_FALSE(takes("screen-256color", {.colorTerm = "truecolor"}));
    EXPECT_TRUE(takes("screen-256color", {.colorTerm = "truecolor", .insideTmux = true}));
    EXPECT_FALSE(takes("vt100", {.colorTerm = "truecolor"}));
    EXPECT_TRUE(takes("xterm-direct", {}));
}

TEST(TerminfoCapabilities, SpeaksOfWindowsOnlyToTerminalsLikeXterm) {
    EXPECT_EQ(terminal("tmux-256color").title("chat"), "\x1b]2;chat\a");
    EXPECT_THAT(terminal("xterm").enter(), AllOf(HasSubstr("\x1b[?1049h"), HasSubstr("?2004h"),
                                                 HasSubstr("?1004h"), HasSubstr("\x1b[22;")));
    EXPECT_THAT(terminal("tmux").enter(), HasSubstr("\x1b[22;2t"));
    EXPECT_THAT(terminal("tmux").leave(), HasSubstr("\x1b[23;2t"));
    for (const char* name : {"vt100", "linux", "ansi"}) {
        EXPECT_EQ(terminal(name).title("chat"), "") << name;
        EXPECT_THAT(terminal(name).enter(), Not(HasSubstr("2004"))) << name;
        EXPECT_THAT(terminal(name).leave(), HasSubstr("\x1b[H\x1b[J")) << name;
    }
}

TEST(TerminfoCapabilities, LeavesDelaysOut) {
    const auto vt100 = terminal("vt100");
    EXPECT_EQ(vt100.clearScreen(), "\x1b[H\x1b[J");
    EXPECT_EQ(vt100.plain(), "\x1b[m\x0f");
}

TEST(TerminfoCapabilities, LeavesTheCursorsShapeAlone) {
    EXPECT_EQ(terminal("xterm").showCursor(), "\x1b[?25h");
    EXPECT_EQ(terminal("linux").hideCursor(), "\x1b[?25l");
}

TEST(TerminfoCapabilities, TakesAnUnknownTerminalOfXtermsKinForAnXterm) {
    const auto known = terminal("xterm-256color");
    EXPECT_EQ(known.note(), "");
    for (const std::string name :
         {"xterm-unheard-of", "foot-unheard-of", "alacritty-unheard-of", "kitty-unheard-of",
          "ghostty", "wezterm-unheard-of", "st-unheard-of", "tmux-unheard-of"}) {
        SCOPED_TRACE(name);
        const auto taken = terminal(name, {.colorTerm = "truecolor"});
        EXPECT_EQ(taken.note(),
                  "terminfo does not know TERM '" + name + "': it is treated as an xterm-256color");
        EXPECT_EQ(taken.moveTo({4, 2}), known.moveTo({4, 2}));
        EXPECT_EQ(taken.plain(), known.plain());
        EXPECT_EQ(taken.bold(), known.bold());
        EXPECT_EQ(taken.dim(), known.dim());
        EXPECT_EQ(taken.underline(), known.underline());
        EXPECT_EQ(taken.reverse(), known.reverse());
        EXPECT_EQ(taken.showCursor(), known.showCursor());
        EXPECT_EQ(taken.hideCursor(), known.hideCursor());
        EXPECT_EQ(taken.clearToLineEnd(), known.clearToLineEnd());
        EXPECT_EQ(taken.foreground(208), known.foreground(208));
        EXPECT_EQ(taken.background(17), known.background(17));
        EXPECT_EQ(taken.colors(), 256);
        EXPECT_TRUE(taken.trueColor());
        EXPECT_FALSE(taken.wrapsAtEdge());
        EXPECT_THAT(taken.enter(), AllOf(HasSubstr("?1049h"), HasSubstr("?2004h")));
        EXPECT_THAT(taken.leave(), AllOf(HasSubstr("?1049l"), HasSubstr("?2004l")));
    }
    EXPECT_EQ(terminal("ghostty", {.color = false, .colorTerm = "24bit"}).colors(), 0);
    EXPECT_FALSE(terminal("ghostty", {.color = false, .colorTerm = "24bit"}).trueColor());
}

TEST(TerminfoCapabilities, AsksForTheMouseAndGivesItBack) {
    const auto xterm = terminal("xterm");
    EXPECT_EQ(xterm.mouse(true), "\x1b[?1000h\x1b[?1006h");
    EXPECT_EQ(xterm.mouse(false), "\x1b[?1006l\x1b[?1000l");
    EXPECT_THAT(xterm.leave(), HasSubstr(std::string(xterm.mouse(false))));
    EXPECT_THAT(xterm.enter(), Not(HasSubstr("1007"))) << "reports go before arrows";
    const auto without = terminal("xterm", {.mouse = false});
    EXPECT_THAT(without.enter(), HasSubstr("\x1b[?1007s\x1b[?1007l"));
    EXPECT_THAT(without.leave(), HasSubstr("\x1b[?1007h\x1b[?1007r"));
    EXPECT_EQ(terminal("vt100").mouse(true), "");
    EXPECT_THAT(terminal("vt100", {.mouse = false}).enter(), Not(HasSubstr("1007")));
}

TEST(TerminfoCapabilities, RefusesTerminalsThatCannotDraw) {
    const auto refusal = [](const std::string& name) {
        const auto loaded = TerminfoCapabilities::load(name);
        return loaded ? std::string() : loaded.error().text;
    };
    EXPECT_EQ(refusal("nonsense"),
              "TERM is 'nonsense', which this machine does not know; use --plain");
    EXPECT_THAT(refusal(""), HasSubstr("TERM is not set"));
    for (const char* name : {"dumb", "tty33"}) {
        EXPECT_EQ(refusal(name), "TERM is '" + std::string(name) +
                                     "', a terminal that cannot show a full screen; use --plain");
    }
    EXPECT_THAT(refusal("../../x\x1b[31m"), Not(HasSubstr("\x1b")));
    EXPECT_THAT(terminal("xterm-\x1b[31m").note(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(refusal(std::string(100000, 'x')), HasSubstr("does not know"));
}

}  // namespace
}  // namespace netchat::connect

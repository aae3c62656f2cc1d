// Addresses on the screen: what the writer says of them to a terminal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "modes/connect/screen/terminal/screen_writer.h"
#include "tests/connect/screen/terminal/known_terminal.h"
#include "tests/connect/screen/terminal/vterm_screen.h"

namespace netchat::connect {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kEnd = "\x1b]8;;\x1b\\";

// An address over the end of the first row and the beginning of the second.
Grid twoRowsOf(std::string_view address,
               std::string_view first = "see http:", std::string_view second = "//a.b now") {
    Grid grid(20, 3);
    Style leading;
    leading.link = grid.addLink(address);
    grid.put(0, 0, first.substr(0, 4), {});
    grid.put(4, 0, first.substr(4), leading);
    grid.put(0, 1, "|", {});
    grid.put(1, 1, second.substr(0, 5), leading);
    grid.put(6, 1, second.substr(5), {});
    return grid;
}

size_t timesIn(const std::string& bytes, std::string_view part) {
    size_t times = 0;
    for (size_t at = 0; (at = bytes.find(part, at)) != std::string::npos; at += part.size())
        ++times;
    return times;
}

TEST(ScreenLinks, AreOneForAllTheirRows) {
    const auto xterm = terminal("xterm-256color");
    ScreenWriter writer(xterm);
    const std::string bytes = writer.update(twoRowsOf("http://a.b"));
    EXPECT_EQ(timesIn(bytes, "\x1b]8;id=1;http://a.b\x1b\\"), 2u) << bytes;
    EXPECT_EQ(timesIn(bytes, kEnd), 2u) << bytes;
    EXPECT_LT(bytes.rfind("id=1"), bytes.rfind(kEnd));
    VtermScreen screen(20, 3);
    screen.feed(bytes);
    std::u32string row;
    for (int x = 0; x < 9; ++x) row += screen.at(x, 0).text;
    EXPECT_EQ(row, U"see http:");
    EXPECT_EQ(screen.scrolledLines(), 0u);
}

TEST(ScreenLinks, AreNotWrittenAnewWhereNothingChanged) {
    const auto xterm = terminal("xterm-256color");
    ScreenWriter writer(xterm);
    writer.update(twoRowsOf("http://a.b"));
    EXPECT_EQ(writer.update(twoRowsOf("http://a.b")), "");
    Grid moved(20, 3);
    const uint32_t other = moved.addLink("http://other");
    EXPECT_EQ(other, 1u);
    Style leading, ahead;
    ahead.link = other;
    leading.link = moved.addLink("http://a.b");
    moved.put(0, 0, "see ", {});
    moved.put(4, 0, "http:", leading);
    moved.put(0, 1, "|", {});
    moved.put(1, 1, "//a.b", leading);
    moved.put(6, 1, " now", {});
    moved.put(0, 2, "x", ahead);
    const std::string bytes = writer.update(moved);
    EXPECT_THAT(bytes, AllOf(HasSubstr("http://other"), Not(HasSubstr("http://a.b")))) << bytes;
}

TEST(ScreenLinks, AreWrittenAnewWhereOnlyTheAddressIsAnother) {
    const auto xterm = terminal("xterm-256color");
    ScreenWriter writer(xterm);
    writer.update(twoRowsOf("http://a.b"));
    EXPECT_THAT(writer.update(twoRowsOf("http://a.b/2")), HasSubstr("http://a.b/2"));
    const std::string bytes = writer.update(twoRowsOf(""));
    EXPECT_THAT(bytes, AllOf(HasSubstr("http:"), Not(HasSubstr("]8;"))));
}

TEST(ScreenLinks, AreNoneWhereTheTerminalHasNone) {
    for (const char* name : {"vt100", "linux", "screen"}) {
        const auto without = terminal(name);
        ScreenWriter writer(without);
        EXPECT_THAT(writer.update(twoRowsOf("http://a.b")), Not(HasSubstr("\x1b]"))) << name;
        EXPECT_EQ(writer.update(twoRowsOf("http://c.d")), "") << name;
        EXPECT_THAT(without.leave(), Not(HasSubstr("]8;"))) << name;
    }
    EXPECT_THAT(terminal("screen", {.insideTmux = true}).linkTo("http://a.b", 1),
                HasSubstr("http://a.b"));
    EXPECT_THAT(terminal("xterm").leave(), HasSubstr(std::string(kEnd)));
}

TEST(ScreenLinks, AreBounded) {
    Grid grid(20, 3);
    for (size_t i = 0; i < Grid::kLinksMax; ++i) {
        EXPECT_EQ(grid.addLink("http://" + std::to_string(i)), i + 1);
    }
    EXPECT_EQ(grid.addLink("http://more"), 0u);
    EXPECT_EQ(grid.addLink("http://7"), 8u) << "it is there already";
    EXPECT_EQ(grid.addLink(""), 0u);
}

}  // namespace
}  // namespace netchat::connect

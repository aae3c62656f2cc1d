#include "modes/connect/screen/terminal/screen_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/terminal/palette.h"
#include "protocol/utf8.h"
#include "tests/connect/screen/terminal/known_terminal.h"
#include "tests/connect/screen/terminal/model_terminal.h"
#include "tests/connect/screen/terminal/random_screens.h"
#include "tests/connect/screen/terminal/vterm_screen.h"

namespace netchat::connect {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kHideCursor = "\x1b[?25l", kShowCursor = "\x1b[?25h";

// A screen of 80 by 4 with a text in each row, and the cursor behind the last one.
Grid screenOf(std::initializer_list<std::string_view> rows) {
    Grid grid(80, 4);
    int y = 0;
    for (std::string_view row : rows) grid.cursor = Point{grid.put(0, y, row, {}), y}, ++y;
    return grid;
}

// A writer that has shown this already.
struct Shown {
    explicit Shown(const Grid& grid, const std::string& name = "xterm-256color")
        : capabilities(terminal(name)), writer(capabilities) {
        writer.update(grid);
    }
    std::string update(const Grid& next) { return writer.update(next); }

    TerminfoCapabilities capabilities;
    ScreenWriter writer;
};

std::u32string codePoints(std::string_view text) {
    std::u32string points;
    while (!text.empty()) points += utf8::next(text);
    return points;
}

Style withoutDim(Style style) {
    style.dim = false;
    return style;
}

// Everything that all terminals agree about is as it should be.
void expectShows(const VtermScreen& screen, const Grid& grid) {
    for (int y = 0; y < grid.height(); ++y) {
        for (int x = 0; x < grid.width(); ++x) {
            const Cell& expected = grid.at(x, y);
            if (!expected.certain) continue;
            const auto cell = screen.at(x, y);
            ASSERT_EQ(cell.text, codePoints(expected.text)) << x << "," << y;
            if (expected.columns == 0) continue;
            ASSERT_EQ(cell.columns, expected.columns) << x << "," << y;
            ASSERT_EQ(cell.style, withoutDim(expected.style)) << x << "," << y;
        }
    }
    ASSERT_EQ(screen.cursorShown(), grid.cursor.has_value());
    if (grid.cursor) {
        ASSERT_EQ(screen.cursor(), *grid.cursor);
    }
}

TEST(ScreenWriter, MakesATerminalShowRandomScreens) {
    constexpr unsigned kSeed = 1;
    const auto capabilities = terminal("xterm-256color", {.colorTerm = "truecolor"});
    RandomScreens screens(kSeed);
    Grid grid = screens.first();
    VtermScreen screen(grid.width(), grid.height());
    screen.feed(capabilities.enter());
    ScreenWriter writer(capabilities);
    for (int i = 0; i < 2000; ++i) {
        SCOPED_TRACE("seed " + std::to_string(kSeed) + ", screen " + std::to_string(i));
        screen.feed(writer.update(grid));
        ASSERT_NO_FATAL_FAILURE(expectShows(screen, grid));
        ASSERT_TRUE(screen.plain());
        ASSERT_EQ(screen.scrolledLines(), 0u);
        ASSERT_EQ(writer.update(grid), "");
        const Grid next = screens.after(grid);
        const bool resized = next.width() != grid.width() || next.height() != grid.height();
        if (resized) screen.resize(next.width(), next.height());
        if (resized || screens.oneIn(50)) writer.forget();
        grid = next;
    }
}

// Of a model, what all terminals agree about; a terminal that wraps has nothing in its last cell.
void expectShows(const ModelTerminal& model, const Grid& grid, bool wraps) {
    const int lastX = grid.width() - 1, lastY = grid.height() - 1;
    const bool halved = grid.at(lastX, lastY).columns == 0;
    for (int y = 0; y <= lastY; ++y) {
        for (int x = 0; x <= lastX; ++x) {
            const bool last = y == lastY && x >= lastX - (halved ? 1 : 0);
            if (wraps && last) {
                ASSERT_EQ(model.at(x, y), " ") << x << "," << y;
            } else if (grid.at(x, y).certain) {
                ASSERT_EQ(model.at(x, y), grid.at(x, y).text) << x << "," << y;
            } else if (model.drawsNarrow() && grid.at(x, y).columns == 0) {
                ASSERT_EQ(model.at(x, y), " ") << x << "," << y;
            }
        }
    }
    ASSERT_EQ(model.scrolledLines(), 0u);
    ASSERT_EQ(model.strange(), "");
}

struct Disagreement {
    ModelTerminal::Uncertain uncertain;
    ModelTerminal::Edge edge;
    std::string terminal;
    unsigned seed;
};

void PrintTo(const Disagreement& disagreement, std::ostream* out) {
    *out << disagreement.terminal << ", seed " << disagreement.seed;
}

class ScreenWriterOnATerminalThatDisagrees : public ::testing::TestWithParam<Disagreement> {};

TEST_P(ScreenWriterOnATerminalThatDisagrees, LeavesNoCellWrongThatIsCertain) {
    const bool wraps = GetParam().edge != ModelTerminal::Edge::Stays;
    const auto capabilities = terminal(GetParam().terminal);
    ASSERT_EQ(capabilities.wrapsAtEdge(), wraps);
    RandomScreens screens(GetParam().seed);
    Grid grid = screens.first();
    for (int i = 0; i < 8; ++i) {
        ModelTerminal model(grid.width(), grid.height(), GetParam().uncertain, GetParam().edge);
        ScreenWriter writer(capabilities);
        Grid next = grid;
        for (int j = 0; next.width() == grid.width() && next.height() == grid.height(); ++j) {
            SCOPED_TRACE("seed " + std::to_string(GetParam().seed) + ", screen " +
                         std::to_string(i) + "." + std::to_string(j));
            grid = next;
            model.feed(writer.update(grid));
            ASSERT_NO_FATAL_FAILURE(expectShows(model, grid, wraps));
            next = screens.after(grid);
        }
        grid = next;
    }
}

std::vector<Disagreement> disagreements() {
    std::vector<Disagreement> all;
    unsigned seed = 100;
    using enum ModelTerminal::Uncertain;
    using enum ModelTerminal::Edge;
    for (auto uncertain : {One, Two, Parts}) {
        for (const char* name : {"xterm-256color", "tmux-256color", "screen-256color", "linux",
                                 "vt100", "rxvt", "xterm"}) {
            all.push_back({uncertain, Stays, name, ++seed});
        }
        for (auto edge : {WrapsLater, WrapsAtOnce})
            all.push_back({uncertain, edge, "ansi", ++seed});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, ScreenWriterOnATerminalThatDisagrees,
                         ::testing::ValuesIn(disagreements()));

TEST(ScreenWriter, WritesNothingForTheSame) {
    const Grid grid = screenOf({"hello", "日本 👍"});
    Shown shown(grid);
    EXPECT_EQ(shown.update(grid), "");
}

TEST(ScreenWriter, WritesOneByteForACharacterTypedAtTheCursor) {
    Shown shown(screenOf({"hello", "> hell"}));
    EXPECT_EQ(shown.update(screenOf({"hello", "> hello"})), "o");
}

TEST(ScreenWriter, WritesFewBytesForACharacterTypedInTheMiddle) {
    Grid before = screenOf({"", "> hllo"}), after = screenOf({"", "> hello"});
    before.cursor = {3, 1};
    after.cursor = {4, 1};
    Shown shown(before);
    EXPECT_EQ(shown.update(after), "ello\x1b[2;5H");
}

TEST(ScreenWriter, WritesFewBytesForTypingWhileAClockRuns) {
    Shown shown(screenOf({"hello    12:00:01", "> hell"}));
    const auto bytes = shown.update(screenOf({"hello    12:00:02", "> hello"}));
    EXPECT_THAT(bytes.size(), ::testing::Lt(40u)) << bytes;
}

TEST(ScreenWriter, MovesOnlyTheCursor) {
    Grid grid = screenOf({"hello"});
    Shown shown(grid);
    grid.cursor = {0, 0};
    EXPECT_EQ(shown.update(grid), "\x1b[1;1H");
}

TEST(ScreenWriter, RewritesAShortGapAndJumpsOverALongOne) {
    Shown shown(screenOf({"a23456789012345678z"}));
    Grid next = screenOf({"b2c456789012345678y"});
    EXPECT_EQ(shown.update(next),
              std::string(kHideCursor) + "\x1b[1;1Hb2c\x1b[1;19Hy" + std::string(kShowCursor));
}

TEST(ScreenWriter, JumpsFromWithinAWideCluster) {
    Grid before = screenOf({"日本 x"}), after = screenOf({"日本 y"});
    before.cursor = after.cursor = {3, 0};
    Shown shown(before);
    EXPECT_EQ(shown.update(after), "\x1b[1;6Hy\x1b[1;4H");
}

TEST(ScreenWriter, DoesNotRewriteAGapOfAnotherStyle) {
    Grid before = screenOf({"a2b"}), after = screenOf({"c2d"});
    before.put(1, 0, "2", {.bold = true});
    after.put(1, 0, "2", {.bold = true});
    Shown shown(before);
    EXPECT_THAT(shown.update(after), HasSubstr("c\x1b[1;3Hd"));
}

TEST(ScreenWriter, ClearsALongTailAtOnce) {
    Shown shown(screenOf({"a long line, of which little stays"}));
    EXPECT_EQ(shown.update(screenOf({"a long"})), "\x1b[1;8H\x1b[K\x1b[1;7H");
}

TEST(ScreenWriter, DrawsBlanksWhereTheTailHasABackground) {
    Grid before = screenOf({}), after = screenOf({});
    after.fill(70, 0, 80, {.background = {4}});
    Shown shown(before);
    const auto bytes = shown.update(after);
    EXPECT_THAT(bytes, HasSubstr("\x1b[44m" + std::string(10, ' ')));
    EXPECT_THAT(bytes, Not(HasSubstr("\x1b[K")));
}

TEST(ScreenWriter, ChangesTheStyleOnlyWhereItDiffers) {
    Grid grid = screenOf({});
    Shown shown(grid);
    grid.put(0, 0, "ab", {.foreground = {1}, .bold = true});
    grid.put(2, 0, "cd", {.foreground = {2}, .bold = true});
    grid.put(4, 0, "ef", {});
    EXPECT_EQ(shown.update(grid), "\x1b[1m\x1b[31mab\x1b[32mcd\x1b(B\x1b[mef");
}

TEST(ScreenWriter, EndsPlain) {
    Grid grid = screenOf({});
    Shown shown(grid);
    grid.put(0, 0, "ab", {.underline = true, .reverse = true});
    EXPECT_THAT(shown.update(grid), EndsWith("ab\x1b(B\x1b[m"));
}

TEST(ScreenWriter, HidesTheCursorWhileItDrawsInSeveralSpots) {
    Shown shown(screenOf({"a", "b", "> "}));
    EXPECT_THAT(shown.update(screenOf({"c", "b", "> "})), Not(HasSubstr(std::string(kHideCursor))));
    EXPECT_THAT(shown.update(screenOf({"d", "e", "> "})),
                AllOf(StartsWith(std::string(kHideCursor)), EndsWith(std::string(kShowCursor))));
}

TEST(ScreenWriter, HidesTheCursorThatIsNotWanted) {
    Grid grid = screenOf({"a"});
    Shown shown(grid);
    grid.cursor.reset();
    EXPECT_EQ(shown.update(grid), kHideCursor);
    EXPECT_EQ(shown.update(grid), "");
    grid.cursor = {0, 0};
    EXPECT_EQ(shown.update(grid), "\x1b[1;1H" + std::string(kShowCursor));
}

TEST(ScreenWriter, KeepsTheCursorInside) {
    Grid grid = screenOf({"a"});
    Shown shown(grid);
    grid.cursor = {80, 9};
    EXPECT_EQ(shown.update(grid), "\x1b[4;80H");
}

TEST(ScreenWriter, ClearsAndDrawsEverythingAfterForgetting) {
    const Grid grid = screenOf({"hello"});
    Shown shown(grid);
    shown.writer.forget();
    EXPECT_EQ(shown.update(grid),
              std::string("\x1b(B\x1b[m\x1b[H\x1b[2Jhello") + std::string(kShowCursor));
}

TEST(ScreenWriter, ForgetsByItselfAtAnotherSize) {
    Shown shown(screenOf({"hello"}));
    Grid smaller(20, 2);
    smaller.put(0, 0, "hello", {});
    EXPECT_THAT(shown.update(smaller), AllOf(HasSubstr("\x1b[2J"), HasSubstr("hello")));
}

TEST(ScreenWriter, DrawsAnEmptyScreen) {
    Grid grid(0, 0);
    grid.cursor = {0, 0};
    Shown shown(grid);
    EXPECT_EQ(shown.update(grid), "");
}

TEST(ScreenWriter, DrawsARowWithAnUncertainClusterWhole) {
    Shown shown(screenOf({"a", "hi 👍 you"}));
    const auto bytes = shown.update(screenOf({"a", "hi 👍 yo!"}));
    EXPECT_THAT(bytes, HasSubstr("\x1b[2;1Hhi   \x1b[2;4H👍\x1b[2;6H yo!\x1b[K"));
    EXPECT_THAT(bytes, Not(HasSubstr("a")));
}

TEST(ScreenWriter, DrawsARowWholeWhereAnUncertainClusterWas) {
    Shown shown(screenOf({"hi 👍 you"}));
    EXPECT_THAT(shown.update(screenOf({"hi xx you"})), HasSubstr("\x1b[1;1Hhi xx you"));
}

TEST(ScreenWriter, ShowsTheFirstPartOfASequenceThatCouldReachOverTheEdge) {
    Grid grid = screenOf({});
    Shown shown(grid);
    grid.put(76, 0, "👍🏽👍🏽", {});
    EXPECT_THAT(shown.update(grid), HasSubstr("\x1b[1;77H👍🏽\x1b[1;79H  \x1b[1;79H👍"));
}

TEST(ScreenWriter, LeavesTheLastCellToATerminalThatWraps) {
    Grid grid = screenOf({});
    Shown shown(grid, "ansi");
    grid.put(79, 3, "x", {});
    EXPECT_EQ(shown.update(grid), "");
    grid.put(76, 3, "ab日", {});
    EXPECT_THAT(shown.update(grid), HasSubstr("\x1b[4;77Hab "));
    grid.put(76, 3, "ab👍", {});
    EXPECT_THAT(shown.update(grid), AllOf(HasSubstr("ab "), Not(HasSubstr("👍"))));
    grid.put(78, 3, "…", {});
    EXPECT_THAT(shown.update(grid), HasSubstr("ab?"));
}

// The bytes for one red cell of a colour.
std::string bytesFor(const std::string& name, const TerminfoCapabilities::Hints& hints,
                     const Style& style) {
    const auto capabilities = terminal(name, hints);
    ScreenWriter writer(capabilities);
    Grid grid(2, 1);
    writer.update(grid);
    grid.put(0, 0, "x", style);
    return writer.update(grid);
}

TEST(ScreenWriter, UsesTheColorsThatThereAre) {
    const Style orange = {.foreground = Color::rgb(255, 135, 0)}, number208 = {.foreground = {208}};
    EXPECT_THAT(bytesFor("xterm-256color", {.colorTerm = "truecolor"}, orange),
                HasSubstr("\x1b[38;2;255;135;0mx"));
    EXPECT_THAT(bytesFor("xterm-256color", {}, orange), HasSubstr("\x1b[38;5;208mx"));
    EXPECT_THAT(bytesFor("xterm-256color", {}, number208), HasSubstr("\x1b[38;5;208mx"));
    const int nearest = nearestColor(Color::rgb(255, 135, 0), 8).value;
    const std::string ofEight = "\x1b[3" + std::to_string(nearest) + "mx";
    EXPECT_THAT(bytesFor("xterm", {}, orange), HasSubstr(ofEight));
    EXPECT_THAT(bytesFor("xterm", {}, number208), HasSubstr(ofEight));
    EXPECT_THAT(bytesFor("xterm", {}, {.background = {250}}), HasSubstr("\x1b[47mx"));
    EXPECT_THAT(bytesFor("xterm", {}, {.background = {8}}), Not(HasSubstr("\x1b[40m")));
    EXPECT_THAT(bytesFor("vt100", {}, orange), Not(HasSubstr("\x1b[3")));
}

TEST(ScreenWriter, UsesNoColorsWhereNoneAreWanted) {
    const Style style = {.foreground = {1}, .background = Color::rgb(1, 2, 3), .bold = true};
    EXPECT_EQ(bytesFor("xterm-256color", {.color = false, .colorTerm = "truecolor"}, style),
              "\x1b[1mx\x1b(B\x1b[m");
}

TEST(ScreenWriter, DrawsPlainWhatATerminalHasNoAttributeFor) {
    EXPECT_EQ(bytesFor("vt52", {}, {.bold = true, .dim = true, .underline = true}), "x");
    EXPECT_EQ(bytesFor("rxvt", {}, {.dim = true}), "x");
}

TEST(ScreenWriter, DrawsAFullScreenOfPictureInTime) {
    const auto capabilities = terminal("xterm-256color", {.colorTerm = "truecolor"});
    ScreenWriter writer(capabilities);
    VtermScreen screen(100, 40);
    Grid grid(100, 40);
    for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 100; ++x) {
            const auto shade = static_cast<uint8_t>(2 * x + y);
            grid.put(
                x, y, "▀",
                {.foreground = Color::rgb(shade, 0, 0), .background = Color::rgb(0, shade, 0)});
        }
    }
    screen.feed(capabilities.enter() + writer.update(grid));
    EXPECT_EQ(screen.at(99, 39).style, grid.at(99, 39).style);
    EXPECT_EQ(screen.at(99, 39).text, U"▀");
    EXPECT_EQ(screen.at(0, 1).style, grid.at(0, 1).style);
    EXPECT_EQ(screen.scrolledLines(), 0u);
}

}  // namespace
}  // namespace netchat::connect

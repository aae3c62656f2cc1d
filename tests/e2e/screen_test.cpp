// The full screen of netchat connect under tmux: people, rooms, and what is typed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_screen.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ScreenTest : public ::testing::Test {
  protected:
    ServerProcess server_;
};

// ---- talking

TEST_F(ScreenTest, TwoPeopleTalk) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.sees("bob joined");
    alice.seesNot("2 here");
    alice.keys("F2");
    alice.sees("2 here");
    alice.terminal().seesLine("│ bob$");
    bob.type("hello alice");
    alice.hears("bob", "hello alice");
    alice.line("hello bob");
    bob.sees("<alice> hello bob");
    alice.hears("alice", "hello bob");
    alice.hasTyped(">");
    EXPECT_EQ(bob.leaves(), 0);
    alice.sees("bob left");
    const std::string screen = alice.settled();
    EXPECT_EQ(AtScreen::timesSaid(screen, "hello bob"), 1) << screen;
    EXPECT_THAT(alice.leaves(), HasSubstr("ended 0\n"));
}

TEST_F(ScreenTest, SaysManyLinesInOrderAndOnce) {
    AtScreen alice(server_.address(), "alice", {}, {.height = 60});
    Person bob(server_.address(), "bob");
    bob.isInside();
    for (int i = 0; i < 40; ++i) alice.line("line " + std::to_string(i) + ".");
    for (int i = 0; i < 40; ++i) bob.sees("<alice> line " + std::to_string(i) + ".");
    alice.hears("alice", "line 39.");
    const std::string screen = alice.settled();
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(AtScreen::timesSaid(screen, "line " + std::to_string(i) + "."), 1) << screen;
    }
}

TEST_F(ScreenTest, PrivateWordsOpenARoomOfTheirOwn) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    bob.type("!msg alice psst");
    EXPECT_THAT(firstRow(alice.sees("2 @bob")), HasSubstr(" 1 lobby  2 @bob 1!"));
    alice.terminal().hasValue("#{pane_title}", "(1!1) lobby - netchat");
    alice.keys("M-2");
    EXPECT_THAT(firstRow(alice.hears("bob", "psst")), EndsWith(" 2 @bob"));
    alice.terminal().hasValue("#{pane_title}", "@bob - netchat");
    alice.line("what is it?");
    bob.sees("alice -> you: what is it?");
    alice.hears("alice", "what is it?");
    alice.keys("M-1");
    alice.seesNot("psst");
    bob.type("!msg alice nothing");
    alice.sees("2 @bob 1!");
    alice.keys("M-a");
    alice.hears("bob", "nothing");
    alice.line("!close");
    alice.seesNot("@bob");
    EXPECT_THAT(firstRow(alice.settled()), EndsWith(" 1 lobby"));
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("<alice>")));
}

TEST_F(ScreenTest, CountsWhatIsSaidInOtherRooms) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.line("!join dev");
    alice.sees("you are in dev");
    EXPECT_THAT(firstRow(alice.settled()), EndsWith(" 1 lobby  2 dev"));
    bob.type("one");
    bob.type("two");
    alice.sees(" 1 lobby 2  2 dev");
    bob.type("three, Alice!");
    alice.sees(" 1 lobby 3!1  2 dev");
    alice.terminal().hasValue("#{pane_title}", "(3!1) dev - netchat");
    alice.keys("M-a");
    alice.hears("bob", "three, Alice!");
    const std::string screen = alice.settled();
    EXPECT_THAT(screen, HasSubstr("new since you looked"));
    EXPECT_THAT(firstRow(screen), EndsWith(" 1 lobby  2 dev"));
    alice.keys("M-Right");
    alice.sees("you are in dev");
    alice.keys("M-Left");
    alice.hears("bob", "one");
    alice.line("!leave dev");
    alice.seesNot("2 dev");
}

// A terminal tells which window is in front (CSI O, CSI I).
TEST_F(ScreenTest, CountsWhatIsSaidWhileTheWindowIsBehind) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.sees("bob joined");
    alice.types("\x1b[Ox");
    alice.hasTyped("> x");
    bob.type("are you there?");
    alice.terminal().hasValue("#{pane_title}", "(1) lobby - netchat");
    EXPECT_THAT(alice.hears("bob", "are you there?"), HasSubstr("new since you looked"));
    alice.types("\x1b[I");
    alice.terminal().hasValue("#{pane_title}", "lobby - netchat");
    alice.hasTyped("> x");
}

TEST_F(ScreenTest, RingsTheBellForOnesNickWhereItIsWanted) {
    AtScreen alice(server_.address(), "alice", {"--bell"});
    AtScreen carol(server_.address(), "carol");
    Person bob(server_.address(), "bob");
    bob.isInside();
    bob.type("malice is no nick");
    alice.hears("bob", "malice is no nick");
    EXPECT_EQ(alice.terminal().value("#{window_bell_flag}"), "0");
    bob.type("alice, carol: lunch?");
    alice.terminal().hasValue("#{window_bell_flag}", "1");
    carol.hears("bob", "alice, carol: lunch?");
    EXPECT_EQ(carol.terminal().value("#{window_bell_flag}"), "0");
}

TEST_F(ScreenTest, ShowsNothingOfWhoIsIgnored) {
    AtScreen alice(server_.address(), "alice", {}, {.width = 120});
    Person eve(server_.address(), "eve"), bob(server_.address(), "bob");
    eve.isInside();
    bob.isInside();
    eve.type("before");
    alice.hears("eve", "before");
    alice.line("!ignore eve");
    alice.sees("what eve says from now on is not shown");
    eve.type("spam");
    eve.type("!msg alice private spam");
    bob.sees("<eve> spam");
    eve.type("!nick evelyn");
    bob.sees("* eve is now evelyn");
    eve.type("more spam");
    bob.sees("more spam");
    bob.type("so what?");
    alice.hears("bob", "so what?");
    const std::string screen = alice.settled();
    EXPECT_THAT(screen, Not(HasSubstr("spam")));
    EXPECT_THAT(firstRow(screen), EndsWith(" 1 lobby"));
    alice.line("!unignore evelyn");
    alice.sees("evelyn is no longer ignored");
    eve.type("sorry");
    alice.hears("evelyn", "sorry");
}

TEST_F(ScreenTest, ListsPeopleAndRooms) {
    AtScreen alice(server_.address(), "alice", {}, {.width = 120});
    Person bob(server_.address(), "bob", {"--room", "games"});
    bob.isInside();
    alice.line("!rooms");
    alice.sees("games (1)");
    alice.line("!who games");
    alice.sees("1 in games: bob");
    alice.sees("1 here");
    alice.keys("F2");
    alice.seesNot("1 here");
    alice.line("!roster");
    alice.sees("1 here");
    alice.keys("F1");
    EXPECT_THAT(alice.sees("!!text"), AllOf(HasSubstr("M-Enter"), HasSubstr("!upload FILE")));
    alice.types("q");
    alice.seesNot("!upload FILE");
    alice.hasTyped(">");
    alice.line("!nick al");
    alice.sees("you are now al");
    alice.sees("│ al\n");
    alice.line("!uplaod x");
    alice.sees("did you mean !upload?");
}

// ---- typing

TEST_F(ScreenTest, EditsWhatIsTyped) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.types("hello wrld");
    alice.keys("Left", "Left", "Left");
    alice.types("o");
    alice.hasTyped("> hello world");
    alice.terminal().hasValue("#{cursor_x}", "10");
    alice.keys("C-a");
    alice.types("well, ");
    alice.hasTyped("> well, hello world");
    alice.keys("C-e", "C-w", "BSpace");
    alice.hasTyped("> well, hello");
    alice.keys("M-b", "C-k");
    alice.hasTyped("> well,");
    alice.keys("C-u");
    alice.hasTyped(">");
    alice.keys("C-y");
    alice.hasTyped("> well, hello");
    alice.keys("C-_");
    alice.hasTyped(">");
    alice.types("größe 文字");
    alice.keys("BSpace");
    alice.hasTyped("> größe 文");
    alice.terminal().hasValue("#{cursor_x}", "10");
    alice.keys("Home", "DC", "End", "Enter");
    bob.sees("<alice> röße 文");
}

TEST_F(ScreenTest, BringsBackWhatWasTyped) {
    AtScreen alice(server_.address(), "alice");
    alice.line("the first");
    alice.line("the second");
    alice.hears("alice", "the second");
    alice.types("a draft");
    alice.keys("Up");
    alice.hasTyped("> the second");
    alice.keys("Up");
    alice.hasTyped("> the first");
    alice.keys("Down", "Down");
    alice.hasTyped("> a draft");
    alice.keys("C-r");
    alice.types("fir");
    alice.sees("search 'fir'");
    alice.hasTyped("> the first");
    alice.keys("C-g");
    alice.hasTyped("> a draft");
    alice.keys("C-c");
    alice.hasTyped(">");
    alice.keys("C-c", "C-c");
    alice.types("still here");
    alice.keys("Enter");
    alice.hears("alice", "still here");
    alice.keys("C-d", "C-d");
    alice.line("and here");
    alice.hears("alice", "and here");
}

TEST_F(ScreenTest, CompletesNicksCommandsRoomsAndPaths) {
    AtScreen alice(server_.address(), "alice");
    Person bob(server_.address(), "bobby");
    bob.isInside();
    alice.sees("bobby joined");
    alice.types("bo");
    alice.keys("Tab");
    alice.hasTyped("> bobby:");
    alice.keys("C-u");
    alice.types("!who");
    alice.keys("Enter");
    alice.types("!jo");
    alice.keys("Tab");
    alice.types("lo");
    alice.keys("Tab");
    alice.hasTyped("> !join lobby");
    alice.keys("C-u");
    const TempFolder& folder = alice.downloads();
    folder.write("photo of us.jpg", "1");
    folder.write("photo of them.jpg", "2");
    alice.types("!up");
    alice.keys("Tab");
    alice.types(folder.path().string() + "/ph");
    alice.keys("Tab");
    alice.sees(" photo of them.jpg  photo of us.jpg");
    alice.hasTyped("> !upload " + folder.path().string() + "/photo of");
    alice.keys("Tab");
    alice.hasTyped("> !upload " + folder.path().string() + "/photo of them.jpg");
    alice.keys("Tab", "Enter");
    alice.sees("dropped photo of us.jpg (1 B)");
}

TEST_F(ScreenTest, SeveralLinesAreOneMessage) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    alice.types("one");
    alice.keys("M-Enter");
    alice.types("two");
    alice.sees("2 lines, one message");
    alice.hasTyped("> one\n  two");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "one\ntwo");
    alice.hears("alice", "one");
    alice.terminal().seesLine("^ +│ two$");
    alice.terminal().pastes("three\n\tfour\nfive");
    alice.sees("3 lines, one message");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "three\n\tfour\nfive");
    alice.hasTyped(">");
}

TEST_F(ScreenTest, NeverRunsWhatIsPasted) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    alice.terminal().pastes("!exit");
    alice.sees("pasted: sent as text");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "!exit");
    alice.terminal().pastes("!msg bob hello\n!exit");
    alice.sees("2 lines, one message");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, "!msg bob hello\n!exit");
    alice.hears("alice", "!exit");
}

TEST_F(ScreenTest, TakesAPasteThatIsNotMarkedAsTyped) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    alice.terminal().pastesUnmarked("one\ntwo\n!who\nthree\n");
    for (const char* text : {"one", "two", "three"}) EXPECT_EQ(bob.readUntil("msg").body, text);
    alice.sees("2 in lobby: ");
    alice.hears("alice", "three");
}

TEST_F(ScreenTest, TakesALongPasteWhole) {
    V2ByHand bob(server_.port(), "bob");
    AtScreen alice(server_.address(), "alice");
    std::string text;
    for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + " of a long paste\n";
    text += "the end";
    alice.terminal().pastes(text);
    alice.sees("2001 lines, one message");
    alice.keys("Enter");
    alice.sees("Enter sends all 2001 lines, C-c drops them");
    alice.keys("Enter");
    EXPECT_EQ(bob.readUntil("msg").body, text);
    alice.terminal().seesLine("^ +│ the end$");
    alice.hasTyped(">");
}

}  // namespace
}  // namespace netchat::test

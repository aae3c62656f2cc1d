#include "modes/connect/screen/input/line_editor.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/connect/screen/input/editing_person.h"

namespace netchat::connect {
namespace {

using namespace editing;

TEST(LineEditor, TakesWhatIsTyped) {
    Person person;
    person.type("grüße, 日本 😀");
    EXPECT_EQ(person.sees(), "grüße, 日本 😀|");
    EXPECT_EQ(person.press("Enter"), Outcome::Entered);
    EXPECT_EQ(person.editor().take(), "grüße, 日本 😀");
    EXPECT_TRUE(person.editor().empty());
    EXPECT_EQ(person.editor().cursor(), 0u);
}

TEST(LineEditor, MovesByCharacters) {
    expectEach({{"ab|", "C-b", "a|b"},
                {"|ab", "C-f", "a|b"},
                {"a|b", "Left", "|ab"},
                {"a|b", "Right", "ab|"},
                {"|ab", "Left", "|ab"},
                {"ab|", "Right", "ab|"},
                {"ae\u0301|", "Left", "a|e\u0301"},
                {"👩‍👩‍👧|x", "Left", "|👩‍👩‍👧x"},
                {"|🇩🇪🇫🇷", "Right", "🇩🇪|🇫🇷"},
                {"a\n|b", "Left", "a|\nb"}});
}

TEST(LineEditor, MovesToTheEndsOfALine) {
    expectEach({{"one|two", "C-a", "|onetwo"},
                {"one|two", "C-e", "onetwo|"},
                {"one|two", "Home", "|onetwo"},
                {"one|two", "End", "onetwo|"},
                {"a\nb|c\nd", "C-a", "a\n|bc\nd"},
                {"a\nb|c\nd", "C-e", "a\nbc|\nd"},
                {"a\n|bc\nd", "C-a", "a\n|bc\nd"}});
}

TEST(LineEditor, MovesByWords) {
    expectEach({{"one two|", "M-b", "one |two"},
                {"one, two  |", "M-b M-b", "|one, two  "},
                {"one tw|o", "C-Left", "one |two"},
                {"|one, two", "M-f", "one|, two"},
                {"one|, two", "C-Right", "one, two|"},
                {"über-größe|", "M-b", "über-|größe"},
                {"|e\u0301te\u0301 x", "M-f", "e\u0301te\u0301| x"},
                {"snake_case|", "M-b", "snake_|case"},
                {"a\n|b", "M-b", "|a\nb"},
                {"...|", "M-b", "|..."},
                {"|...", "M-f", "...|"}});
}

TEST(LineEditor, ErasesCharacters) {
    expectEach({{"ab|", "Backspace", "a|"},
                {"|ab", "Backspace", "|ab"},
                {"|ab", "Delete", "|b"},
                {"|ab", "C-d", "|b"},
                {"ab|", "C-d", "ab|"},
                {"xe\u0301|", "Backspace", "x|"},
                {"👩‍👩‍👧|", "Backspace", "|"},
                {"a\n|b", "Backspace", "a|b"}});
}

TEST(LineEditor, TransposesCharacters) {
    expectEach({{"ab|", "C-t", "ba|"},
                {"a|bc", "C-t", "ba|c"},
                {"|ab", "C-t", "|ab"},
                {"a|", "C-t", "a|"},
                {"|", "C-t", "|"},
                {"日😀|", "C-t", "😀日|"},
                {"x\nab|\ny", "C-t", "x\nba|\ny"},
                {"x\n|ab", "C-t", "x\n|ab"},
                {"x\na|", "C-t", "x\na|"}});
}

TEST(LineEditor, KillsWords) {
    expectEach({{"say one-two|", "C-w", "say |"},
                {"say one-two|", "M-Backspace", "say one-|"},
                {"|one-two x", "M-d", "|-two x"},
                {"say one  |x", "C-w", "say |x"},
                {"|", "C-w", "|"},
                {"|", "M-d", "|"}});
}

TEST(LineEditor, KillsLines) {
    expectEach({{"one| two", "C-k", "one|"},
                {"one| two", "C-u", "| two"},
                {"a\nb|c\nd", "C-u", "a\n|c\nd"},
                {"a\nb|c\nd", "C-k", "a\nb|\nd"},
                {"a\nb|\nd", "C-k", "a\nb|d"},
                {"a|", "C-k", "a|"}});
}

TEST(LineEditor, YanksWhatWasKilled) {
    expectEach({{"one two|", "C-w C-a C-y", "two|one "},
                {"one two|", "C-w C-y C-y", "one twotwo|"},
                {"x|", "C-y", "x|"}});
}

TEST(LineEditor, JoinsKillsThatAreNextToEachOther) {
    expectEach({{"one two three|", "C-w C-w C-y", "one two three|"},
                {"one |two three", "M-d M-d C-y", "one two three|"},
                {"one| two", "C-u C-k C-y", "one two|"},
                {"a b|", "C-w C-b C-d C-k C-y", "ab|"},
                {"one two|", "C-w C-a C-k C-y", "one |"},
                {"ab|", "C-u C-k C-k x C-y", "xab|"},
                {"one two|", "C-w PageUp C-w C-y", "one two|"}});
}

TEST(LineEditor, StartsAKillAnewAfterOtherKeys) {
    expectEach({{"one two|", "C-w Left Right C-u C-y", "one |"},
                {"one two|", "C-w C-e C-k C-u C-y", "one |"}});
}

TEST(LineEditor, YanksOlderKillsInTurns) {
    expectEach({{"a b c|", "C-w C-e C-w C-e C-w C-y", "a |"},
                {"a b c|", "C-w C-e C-w C-e C-w C-y M-y", "b |"},
                {"a b c|", "C-w C-e C-w C-e C-w C-y M-y M-y", "c|"},
                {"a b c|", "C-w C-e C-w C-e C-w C-y M-y M-y M-y", "a |"},
                {"a b c|", "C-w C-e C-w C-e C-w C-y M-y Left M-y", "b| "},
                {"x|", "M-y", "x|"}});
}

TEST(LineEditor, BeginsNewLines) {
    expectEach({{"a|b", "M-Enter", "a\n|b"}, {"a|", "C-j b", "a\nb|"}, {"a|", "S-Enter", "a\n|"}});
    Person person;
    EXPECT_EQ(person.press("a C-j b Enter"), Outcome::Entered);
    EXPECT_EQ(person.editor().take(), "a\nb");
}

TEST(LineEditor, MovesBetweenLinesByColumns) {
    expectEach({{"long line\nab\nlast li|ne", "Up", "long line\nab|\nlast line"},
                {"long line\nab\nlast li|ne", "Up Up", "long li|ne\nab\nlast line"},
                {"long li|ne\nab\nlast line", "Down Down", "long line\nab\nlast li|ne"},
                {"long line\nab\nlast li|ne", "C-p Left C-p", "l|ong line\nab\nlast line"},
                {"日本語\nab|cd", "Up", "日|本語\nabcd"},
                {"日本語\nabc|d", "Up", "日|本語\nabcd"},
                {"a\n\nb|", "C-p C-p", "a|\n\nb"},
                {"a|\nb", "C-n", "a\nb|"}});
}

TEST(LineEditor, ClearsTheLine) {
    Person person;
    person.enter("old");
    person.press("Up x C-c");
    EXPECT_EQ(person.sees(), "|");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "oldx|");
    person.press("C-c Up");
    EXPECT_EQ(person.sees(), "old|");
}

TEST(LineEditor, LeavesOtherKeysToOthers) {
    for (const char* keys :
         {"M-Left", "M-Right", "C-Up", "S-Up", "S-Down", "PageUp", "Tab", "S-Tab", "M-1", "C-x",
          "C-g", "Escape", "C-l", "FocusOut", "Insert", "M-C-a"}) {
        Person person;
        person.have("a|b");
        EXPECT_EQ(person.press(keys), Outcome::Ignored) << keys;
        EXPECT_EQ(person.sees(), "a|b") << keys;
    }
    Person person;
    EXPECT_EQ(person.press("C-c"), Outcome::Ignored);
    EXPECT_EQ(person.press("C-d"), Outcome::Ignored);
}

TEST(LineEditor, TakesPastesAsText) {
    Person person;
    person.have("a|b");
    EXPECT_EQ(person.paste("1\r\n2\r3\n4"), Outcome::Done);
    EXPECT_EQ(person.sees(), "a1\n2\n3\n4|b");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "a|b");
}

TEST(LineEditor, CleansPastes) {
    using namespace std::string_view_literals;
    const std::pair<std::string_view, std::string_view> kPastes[] = {
        {"line\n", "line"},
        {"line\r\n", "line"},
        {"line\n\n", "line\n"},
        {"\n", ""},
        {"a\tb", "a\tb"},
        {"\033[31mred\a\0\x7F"sv, "[31mred"},
        {"\xC2\x9B"
         "1m",
         "1m"},
        {"a\u2028b", "a\nb"},
        {"a\xFFz", "a\uFFFDz"},
        {"\xF0\x9F", "\uFFFD\uFFFD"},
    };
    for (const auto& [pasted, text] : kPastes) {
        Person person;
        person.paste(pasted);
        EXPECT_EQ(person.editor().text(), text) << ::testing::PrintToString(pasted);
    }
}

TEST(LineEditor, RefusesWhatItHasNoRoomFor) {
    Person person(10);
    person.have("12345678|");
    EXPECT_EQ(person.paste("abc"), Outcome::Refused);
    EXPECT_EQ(person.press("日"), Outcome::Refused);
    EXPECT_EQ(person.sees(), "12345678|");
    EXPECT_EQ(person.paste("ab\n"), Outcome::Done);
    EXPECT_EQ(person.press("x"), Outcome::Refused);
    EXPECT_EQ(person.press("C-j"), Outcome::Refused);
    EXPECT_EQ(person.press("C-w C-y"), Outcome::Done);
    EXPECT_EQ(person.press("C-y"), Outcome::Refused);
    EXPECT_EQ(person.press("PasteTooLong"), Outcome::Refused);
    EXPECT_EQ(person.sees(), "12345678ab|");
    person.editor().replace(0, 1, "abc");
    EXPECT_EQ(person.sees(), "12345678ab|");
    person.editor().set("日日日日");
    EXPECT_EQ(person.sees(), "日日日|");
}

TEST(LineEditor, KeepsTheCursorOutOfWhatGrowsTogether) {
    Person person;
    person.have("e|x\u0301");
    person.press("Left");
    person.type("🇩");
    person.press("C-a");
    person.type("🇫");
    EXPECT_EQ(person.sees(), "🇫🇩|ex\u0301");
    person.press("C-c");
    person.paste("\u0301x");
    person.press("C-a");
    person.type("e");
    EXPECT_EQ(person.sees(), "e\u0301|x");
}

TEST(LineEditor, KnowsWhetherATextBeginsPasted) {
    const auto beginsPasted = [](std::string_view keysBefore, std::string_view keysAfter) {
        Person person;
        person.press(keysBefore);
        person.paste("!exit now");
        person.press(keysAfter);
        return person.editor().beginsPasted();
    };
    EXPECT_TRUE(beginsPasted("", "Right"));
    EXPECT_TRUE(beginsPasted("", "x"));
    EXPECT_FALSE(beginsPasted("x", "Right"));
    EXPECT_FALSE(beginsPasted("", "C-a !"));
    EXPECT_TRUE(beginsPasted("x", "C-a Delete"));
    EXPECT_TRUE(beginsPasted("", "C-a ! Backspace"));
    EXPECT_FALSE(beginsPasted("", "C-u"));
    EXPECT_FALSE(beginsPasted("", "C-u !"));
    EXPECT_FALSE(beginsPasted("", "C-u ! C-y"));
    EXPECT_TRUE(beginsPasted("", "C-u C-y"));
    EXPECT_TRUE(beginsPasted("", "C-u ! C-_ C-_"));
    EXPECT_FALSE(beginsPasted("", "C-u ! C-_ C-_ C-_"));
    EXPECT_TRUE(beginsPasted("", "C-c C-_"));
    EXPECT_TRUE(beginsPasted("", "C-a C-f C-t"));
    EXPECT_TRUE(beginsPasted("a", "C-a C-f C-t"));
}

TEST(LineEditor, KnowsThatAnEntryBeganPasted) {
    Person person;
    person.paste("!exit");
    person.editor().take();
    EXPECT_FALSE(person.editor().beginsPasted());
    person.press("Up");
    EXPECT_TRUE(person.editor().beginsPasted());
    person.press("Down C-r e");
    EXPECT_EQ(person.editor().text(), "!exit");
    EXPECT_TRUE(person.editor().beginsPasted());
    person.press("C-g");
    person.enter("!exit");
    person.press("Up");
    EXPECT_FALSE(person.editor().beginsPasted());
    person.press("Up");
    EXPECT_TRUE(person.editor().beginsPasted());
}

TEST(LineEditor, KnowsWhatIsSetAndReplaced) {
    Person person;
    person.editor().set("!exit", true);
    EXPECT_TRUE(person.editor().beginsPasted());
    person.editor().set("!exit");
    EXPECT_FALSE(person.editor().beginsPasted());
    person.press("C-c");
    person.paste("!up");
    person.editor().replace(0, 3, "!upload ");
    EXPECT_TRUE(person.editor().beginsPasted());
}

TEST(LineEditor, ReplacesForCompletion) {
    Person person;
    person.have("say al| now");
    person.editor().replace(4, 6, "alice");
    EXPECT_EQ(person.sees(), "say alice| now");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "say al| now");
    person.editor().replace(0, 0, "\033\r\n\xFF");
    EXPECT_EQ(person.sees(), "\n\uFFFD|say al now");
}

TEST(LineEditor, PutsBackWhatCouldNotBeSaid) {
    Person person;
    person.type("draft");
    person.editor().set("not said");
    EXPECT_EQ(person.sees(), "not said|");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "draft|");
}

}  // namespace
}  // namespace netchat::connect

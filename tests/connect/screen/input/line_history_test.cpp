// LineEditor: what was entered before, undo, and search.

#include <gtest/gtest.h>

#include "tests/connect/screen/input/editing_person.h"

namespace netchat::connect {
namespace {

using namespace editing;

TEST(LineEditor, GoesThroughHistory) {
    Person person;
    person.enter("one");
    person.enter("two");
    person.type("draft");
    person.press("Left Up");
    EXPECT_EQ(person.sees(), "two|");
    person.press("C-p");
    EXPECT_EQ(person.sees(), "one|");
    person.press("Up");
    EXPECT_EQ(person.sees(), "one|");
    person.press("Down");
    EXPECT_EQ(person.sees(), "two|");
    person.press("C-n Down");
    EXPECT_EQ(person.sees(), "draft|");
}

TEST(LineEditor, KeepsEditedEntriesUntilEnter) {
    Person person;
    person.enter("one");
    person.enter("two");
    person.press("Up x Up y Down");
    EXPECT_EQ(person.sees(), "twox|");
    person.press("Up");
    EXPECT_EQ(person.sees(), "oney|");
    EXPECT_EQ(person.press("Enter"), Outcome::Entered);
    EXPECT_EQ(person.editor().take(), "oney");
    person.press("Up Up");
    EXPECT_EQ(person.sees(), "two|");
    person.press("Up");
    EXPECT_EQ(person.sees(), "one|");
}

TEST(LineEditor, RemembersNothingTwiceInARowAndNothingEmpty) {
    Person person;
    person.enter("a");
    person.enter("b");
    person.enter("b");
    person.enter("");
    person.press("Up Up");
    EXPECT_EQ(person.sees(), "a|");
}

TEST(LineEditor, ForgetsTheOldestEntries) {
    Person person(kBytesMax, 2);
    for (const char* text : {"a", "b", "c"}) person.enter(text);
    person.press("Up Up Up Up");
    EXPECT_EQ(person.sees(), "b|");
    Person forgetful(kBytesMax, 0);
    forgetful.enter("a");
    forgetful.press("Up");
    EXPECT_EQ(forgetful.sees(), "|");
}

TEST(LineEditor, WalksThroughTheLinesOfAnEntryBeforeItLeavesIt) {
    Person person;
    person.enter("old");
    person.press("a C-j b Enter");
    person.editor().take();
    person.press("Up Up");
    EXPECT_EQ(person.sees(), "a|\nb");
    person.press("Up");
    EXPECT_EQ(person.sees(), "old|");
}

TEST(LineEditor, UndoesByWords) {
    Person person;
    person.type("hello big  world");
    for (const char* left : {"hello big  |", "hello |", "|", "|"}) {
        EXPECT_EQ(person.press("C-_"), Outcome::Done);
        EXPECT_EQ(person.sees(), left);
    }
}

TEST(LineEditor, UndoesEachKindOfEdit) {
    for (const char* keys : {"Backspace", "Delete", "C-t", "C-w", "C-k", "C-u", "M-d", "C-c",
                             "M-Enter", "M-Backspace"}) {
        Person person;
        person.have("one two| three");
        person.press(keys);
        EXPECT_NE(person.sees(), "one two| three") << keys;
        person.press("C-_");
        EXPECT_EQ(person.sees(), "one two| three") << keys;
    }
    expectEach({{"a b|", "C-w C-y C-_", "a |"},
                {"a b|", "C-w C-e C-w C-y M-y C-_", "a |"},
                {"x|", "a b Left c C-_", "xa|b"},
                {"x|", "a b C-_ c C-_", "x|"},
                {"x|", "a b C-/", "x|"}});
}

TEST(LineEditor, UndoesASessionOfEdits) {
    Person person;
    person.enter("old");
    person.type("one two");
    person.press("C-w x Up y C-_ C-_");
    EXPECT_EQ(person.sees(), "one x|");
    person.press("Down");
    EXPECT_EQ(person.sees(), "one x|");
    person.press("C-_ C-_ C-_ C-_");
    EXPECT_EQ(person.sees(), "|");
}

TEST(LineEditor, ForgetsWhatToUndoWhenItIsTaken) {
    Person person;
    person.enter("secret");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "|");
}

// Somebody who said three things and has a draft.
class Searcher : public Person {
  public:
    Searcher() {
        enter("first apple");
        enter("second pear");
        enter("Third Apple");
        type("draft");
        press("Left");
    }
    std::string pattern() { return editor().search() ? editor().search()->pattern : "(none)"; }
    bool failed() { return editor().search()->failed; }
};

TEST(LineEditor, SearchesBackwards) {
    Searcher person;
    EXPECT_EQ(person.pattern(), "(none)");
    person.press("C-r");
    EXPECT_EQ(person.pattern(), "");
    EXPECT_EQ(person.sees(), "draf|t");
    person.type("ap");
    EXPECT_EQ(person.pattern(), "ap");
    EXPECT_EQ(person.sees(), "Third |Apple");
    person.press("C-r");
    EXPECT_EQ(person.sees(), "first |apple");
    EXPECT_FALSE(person.failed());
    person.press("C-r");
    EXPECT_EQ(person.sees(), "first |apple");
    EXPECT_TRUE(person.failed());
}

TEST(LineEditor, SearchesByALongerAndAShorterPattern) {
    Searcher person;
    person.press("C-r");
    person.type("e");
    EXPECT_EQ(person.sees(), "Third Appl|e");
    person.type("ar");
    EXPECT_EQ(person.sees(), "second p|ear");
    person.type("x");
    EXPECT_TRUE(person.failed());
    EXPECT_EQ(person.sees(), "second p|ear");
    person.press("Backspace");
    EXPECT_FALSE(person.failed());
    person.press("Backspace Backspace");
    EXPECT_EQ(person.sees(), "Third Appl|e");
    person.press("Backspace Backspace");
    EXPECT_EQ(person.pattern(), "");
    EXPECT_EQ(person.sees(), "draf|t");
}

TEST(LineEditor, EntersWhatWasFound) {
    Searcher person;
    person.press("C-r p e");
    EXPECT_EQ(person.press("Enter"), Outcome::Entered);
    EXPECT_EQ(person.pattern(), "(none)");
    EXPECT_EQ(person.editor().take(), "second pear");
    person.press("Up");
    EXPECT_EQ(person.sees(), "second pear|");
}

TEST(LineEditor, BringsBackWhatWasThereBeforeASearch) {
    for (const char* key : {"C-g", "C-c", "Escape"}) {
        Searcher person;
        person.press("C-r p e");
        EXPECT_EQ(person.press(key), Outcome::Done);
        EXPECT_EQ(person.pattern(), "(none)");
        EXPECT_EQ(person.sees(), "draf|t");
        person.press("Up");
        EXPECT_EQ(person.sees(), "Third Apple|");
    }
}

TEST(LineEditor, GoesOnEditingWhatWasFound) {
    Searcher person;
    person.press("C-r p e C-e");
    EXPECT_EQ(person.pattern(), "(none)");
    EXPECT_EQ(person.sees(), "second pear|");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "draf|t");
    person.press("C-r p e Left x");
    EXPECT_EQ(person.sees(), "secondx| pear");
    person.press("Up");
    EXPECT_EQ(person.sees(), "first apple|");
    person.press("Down Down Down");
    EXPECT_EQ(person.sees(), "draft|");
}

TEST(LineEditor, SearchesOnWhileOthersActAndEndsForCompletion) {
    Searcher person;
    person.press("C-r p");
    EXPECT_EQ(person.press("PageUp"), Outcome::Ignored);
    EXPECT_EQ(person.pattern(), "p");
    person.editor().replace(0, 5, "Fourth");
    EXPECT_EQ(person.pattern(), "(none)");
    EXPECT_EQ(person.sees(), "Fourth| Apple");
    person.press("C-_ C-_");
    EXPECT_EQ(person.sees(), "draf|t");
}

TEST(LineEditor, SearchesAgainByTheLastPattern) {
    Searcher person;
    person.press("C-r p e C-g C-r C-r");
    EXPECT_EQ(person.pattern(), "pe");
    EXPECT_EQ(person.sees(), "second |pear");
}

TEST(LineEditor, SearchesWithoutRegardToCase) {
    Person person;
    person.enter("Привет, ÄRGER");
    person.press("C-r");
    person.type("привет, ärg");
    EXPECT_FALSE(person.editor().search()->failed);
    EXPECT_EQ(person.sees(), "|Привет, ÄRGER");
}

TEST(LineEditor, SearchesFromTheEntryWhereSomebodyIs) {
    Searcher person;
    person.press("Up Up C-r a p");
    EXPECT_EQ(person.sees(), "first |apple");
    person.press("C-g");
    EXPECT_EQ(person.sees(), "second pear|");
}

TEST(LineEditor, SetsATextDuringASearch) {
    Searcher person;
    person.press("C-r p");
    person.editor().set("not said");
    EXPECT_EQ(person.pattern(), "(none)");
    person.press("C-_");
    EXPECT_EQ(person.sees(), "draf|t");
}

TEST(LineEditor, BoundsThePattern) {
    Person person;
    person.press("C-r");
    Outcome outcome = Outcome::Done;
    for (int i = 0; i < 1000 && outcome == Outcome::Done; ++i) outcome = person.press("x");
    EXPECT_EQ(outcome, Outcome::Refused);
    EXPECT_EQ(person.editor().search()->pattern.size(), 256u);
}

}  // namespace
}  // namespace netchat::connect

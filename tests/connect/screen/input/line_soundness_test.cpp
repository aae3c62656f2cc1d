// LineEditor: what holds whatever is pressed and however much is pasted.

#include <gtest/gtest.h>

#include <iterator>
#include <random>

#include "modes/connect/screen/text/graphemes.h"
#include "tests/connect/screen/input/editing_person.h"

namespace netchat::connect {
namespace {

using namespace editing;

bool isBoundary(const std::string& text, size_t cursor) {
    size_t at = 0;
    while (at < cursor) at = clusterAfter(text, at);
    return at == cursor;
}

bool isInputText(const std::string& text) {
    if (!utf8::isValid(text)) return false;
    for (std::string_view rest = text; !rest.empty();) {
        const char32_t c = utf8::next(rest);
        if (utf8::isControl(c) && c != '\n' && c != '\t') return false;
    }
    return true;
}

Key randomKey(std::mt19937& random) {
    static constexpr std::string_view kNames[] = {
        "a",      "b",       "!",      "-",           "é",         "日",     "😀",    "\u0301",
        "\u200D", "👩",       "🇩",      "🇪",           "한",        "ᄒ",     "ᅡ",   "\xFF",
        "\x1B",   "C-a",     "C-b",    "C-c",         "C-d",       "C-e",    "C-f",  "C-g",
        "C-j",    "C-k",     "C-n",    "C-p",         "C-r",       "C-r",    "C-t",  "C-t",
        "C-u",    "C-w",     "C-y",    "C-y",         "C-_",       "M-b",    "M-d",  "M-f",
        "M-y",    "M-Enter", "Enter",  "M-Backspace", "Backspace", "Delete", "Home", "End",
        "Left",   "Left",    "Right",  "C-Left",      "C-Right",   "Up",     "Up",   "Down",
        "Escape", "Tab",     "PageUp", "FocusOut"};
    static constexpr std::string_view kPastes[] = {
        "!pasted", "a\r\nb\n", "\u0301", "\xF0\x9F\x98", "x\ty \033[A", "🇩🇪🇩", "\r", ""};
    std::uniform_int_distribution<size_t> anyKey(0, std::size(kNames) + 4);
    std::uniform_int_distribution<size_t> anyPaste(0, std::size(kPastes) - 1);
    const size_t key = anyKey(random);
    if (key < std::size(kNames)) return keyNamed(kNames[key]);
    if (key < std::size(kNames) + 2) return {.text = " "};
    return {.kind = Kind::Paste, .text = std::string(kPastes[anyPaste(random)])};
}

void expectSound(const LineEditor& editor, size_t bytesMax) {
    ASSERT_LE(editor.text().size(), bytesMax);
    ASSERT_LE(editor.cursor(), editor.text().size());
    ASSERT_TRUE(isInputText(editor.text())) << ::testing::PrintToString(editor.text());
    ASSERT_TRUE(isBoundary(editor.text(), editor.cursor()))
        << ::testing::PrintToString(editor.text()) << " at " << editor.cursor();
    ASSERT_FALSE(editor.empty() && editor.beginsPasted());
}

TEST(LineEditor, StaysSoundWhateverIsPressed) {
    constexpr size_t kSmall = 60;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        LineEditor editor(kSmall, 5);
        for (int i = 0; i < 400; ++i) {
            const std::string before = editor.text();
            const Key key = randomKey(random);
            const Outcome outcome = editor.key(key);
            if (outcome == Outcome::Refused || outcome == Outcome::Ignored) {
                ASSERT_EQ(editor.text(), before);
            }
            ASSERT_NO_FATAL_FAILURE(expectSound(editor, kSmall));
            if (outcome == Outcome::Entered) editor.take();
            if (i % 50 == 49) editor.set("\r\xFF set", true);
        }
        editor.key(keyNamed("C-g"));
        for (int i = 0; i < 500 && !editor.empty(); ++i) editor.key(keyNamed("C-_"));
        ASSERT_EQ(editor.text(), "");
        ASSERT_NO_FATAL_FAILURE(expectSound(editor, kSmall));
    }
}

TEST(LineEditor, TakesAMebibyteAtOnce) {
    constexpr size_t kMiB = 1024 * 1024;
    Person person(kMiB);
    std::string lines;
    while (lines.size() + 32 < kMiB) lines += "a line of some words, not long\r\n";
    ASSERT_EQ(person.paste(lines), Outcome::Done);
    person.press("C-p C-a x C-e y C-w M-b C-u C-k C-k C-y C-t C-_ C-_");
    person.press("C-c C-_ Enter");
    EXPECT_GT(person.editor().take().size(), kMiB / 2);
    person.press("Up C-c C-r n o t");
    EXPECT_FALSE(person.editor().search()->failed);
}

TEST(LineEditor, StaysQuickInATextOfMarksOnly) {
    constexpr size_t kMiB = 1024 * 1024;
    Person person(kMiB);
    std::string marks;
    while (marks.size() + 2 <= kMiB / 4) marks += "\u0301";
    ASSERT_EQ(person.paste(marks), Outcome::Done);
    person.press("M-b M-f C-w C-y M-Backspace C-y Left Backspace x");
    EXPECT_FALSE(person.editor().empty());
}

}  // namespace
}  // namespace netchat::connect

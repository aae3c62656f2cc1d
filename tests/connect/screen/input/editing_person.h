#pragma once

// Somebody at a line editor, for telling tests as stories: keys by their names, and a "|" where the
// cursor is.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/input/line_editor.h"
#include "protocol/utf8.h"

namespace netchat::connect::editing {

using Kind = Key::Kind;
using Outcome = LineEditor::Outcome;

constexpr size_t kBytesMax = 1000;

// "C-a", "M-b", "S-Enter", "Left", "é": how people write keys.
inline Key keyNamed(std::string_view name) {
    static const std::map<std::string_view, Kind> kKinds = {
        {"Enter", Kind::Enter},
        {"Tab", Kind::Tab},
        {"Backspace", Kind::Backspace},
        {"Delete", Kind::Delete},
        {"Escape", Kind::Escape},
        {"Insert", Kind::Insert},
        {"Up", Kind::Up},
        {"Down", Kind::Down},
        {"Left", Kind::Left},
        {"Right", Kind::Right},
        {"Home", Kind::Home},
        {"End", Kind::End},
        {"PageUp", Kind::PageUp},
        {"FocusOut", Kind::FocusOut},
        {"PasteTooLong", Kind::PasteTooLong},
    };
    Key key;
    for (; name.size() > 2 && name[1] == '-'; name.remove_prefix(2)) {
        key.ctrl = key.ctrl || name[0] == 'C';
        key.meta = key.meta || name[0] == 'M';
        key.shift = key.shift || name[0] == 'S';
    }
    const auto kind = kKinds.find(name);
    if (kind == kKinds.end())
        key.text = name;
    else
        key.kind = kind->second;
    return key;
}

// An editor and somebody at it.
class Person {
  public:
    explicit Person(size_t bytesMax = kBytesMax, size_t historyMax = 100)
        : editor_(bytesMax, historyMax) {}

    LineEditor& editor() { return editor_; }

    // Names of keys with spaces between them. The outcome is the last one's.
    Outcome press(std::string_view names) {
        Outcome outcome = Outcome::Ignored;
        while (!names.empty()) {
            const size_t end = std::min(names.find(' '), names.size());
            outcome = editor_.key(keyNamed(names.substr(0, end)));
            names.remove_prefix(std::min(end + 1, names.size()));
        }
        return outcome;
    }
    void type(std::string_view text) {
        while (!text.empty()) {
            const std::string_view all = text;
            utf8::next(text);
            editor_.key({.text = std::string(all.substr(0, all.size() - text.size()))});
        }
    }
    Outcome paste(std::string_view text) {
        return editor_.key({.kind = Kind::Paste, .text = std::string(text)});
    }
    // Types a text with "|" where the cursor is to be; "\n" is a new line.
    void have(std::string_view text) {
        const size_t bar = text.find('|');
        std::string whole(text);
        whole.erase(bar, 1);
        editor_.set("");
        editor_.replace(0, 0, whole);
        while (editor_.cursor() > bar) press("Left");
        ASSERT_EQ(sees(), text);
    }
    // The text with a "|" at the cursor.
    std::string sees() const {
        std::string text = editor_.text();
        return text.insert(editor_.cursor(), "|");
    }
    void enter(std::string_view text) {
        type(text);
        ASSERT_EQ(press("Enter"), Outcome::Entered);
        ASSERT_EQ(editor_.take(), text);
    }

  private:
    LineEditor editor_;
};

struct Story {
    std::string_view before, keys, after;
};

inline void expectEach(const std::vector<Story>& stories) {
    for (const Story& story : stories) {
        Person person;
        person.have(story.before);
        person.press(story.keys);
        EXPECT_EQ(person.sees(), story.after) << story.before << " and " << story.keys;
    }
}

}  // namespace netchat::connect::editing

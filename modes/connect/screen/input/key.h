#pragma once

// What somebody does at a terminal: a key, a paste, a look away. Pure data.

#include <cstdint>
#include <string>
#include <string_view>

namespace netchat::connect {

struct Key {
    enum class Kind : uint8_t {
        Char,  // text: one code point (valid UTF-8), printable
        Enter,
        Tab,
        Backspace,
        Delete,
        Escape,
        Insert,
        Up,
        Down,
        Left,
        Right,
        Home,
        End,
        PageUp,
        PageDown,
        Function,      // number: 1 to 12
        Paste,         // text: what was pasted between the brackets, as it came, not neutralised
        PasteTooLong,  // text is empty: more than the decoder's bound was pasted, all dropped
        FocusIn,
        FocusOut,  // the window came to the front, or went
        WheelUp,
        WheelDown,  // one step of the mouse's wheel
    };
    Kind kind = Kind::Char;
    std::string text = {};
    bool ctrl = false, meta = false, shift = false;
    int number = 0;

    friend bool operator==(const Key&, const Key&) = default;
};

// Whether it is this key: alone, with Ctrl, or with Meta.
inline bool isPlain(const Key& key, Key::Kind kind) {
    return key.kind == kind && !key.ctrl && !key.meta;
}
inline bool isPlain(const Key& key, std::string_view text) {
    return key.kind == Key::Kind::Char && key.text == text && !key.ctrl && !key.meta;
}
inline bool isCtrl(const Key& key, std::string_view text) {
    return key.kind == Key::Kind::Char && key.text == text && key.ctrl && !key.meta;
}
inline bool isMeta(const Key& key, std::string_view text) {
    return key.kind == Key::Kind::Char && key.text == text && !key.ctrl && key.meta;
}

// C-a is {Char, "a", ctrl}; M-b {Char, "b", meta}; M-Enter {Enter, meta}; Shift-Tab {Tab, shift};
// C-Left {Left, ctrl}. C-h (0x08) and 0x7F are Backspace, 0x0D is Enter, 0x0A is {Char, "j", ctrl},
// 0x09 is Tab, 0x00 is {Char, " ", ctrl}, 0x1F is {Char, "_", ctrl}.

}  // namespace netchat::connect

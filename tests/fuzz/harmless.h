#pragma once

// What may be put on a terminal, into a log or into a line of its own.

#include <string_view>

#include "protocol/utf8.h"
#include "tests/fuzz/fuzz.h"

namespace netchat::fuzz {

// Nothing in it moves the cursor, hides, or is anything but text.
inline void isSafeToShow(std::string_view text, bool newlines = false) {
    HOLDS(utf8::isValid(text));
    while (!text.empty()) {
        const char32_t c = utf8::next(text);
        HOLDS((newlines && c == U'\n') || (!utf8::isControl(c) && !utf8::isInvisible(c)));
    }
}

}  // namespace netchat::fuzz

#pragma once

// Remote text, made harmless once, where it is shown. Pure functions, any thread.

#include <string>
#include <string_view>

namespace netchat {

// For a terminal: valid UTF-8 in which control characters (C0, DEL, C1), bidi controls and other
// invisible characters, and invalid bytes have become U+FFFD. A TAB becomes a space.
// Newlines stay if `keepNewlines`; otherwise they become spaces.
std::string neutralised(std::string_view text, bool keepNewlines = false);

// Of JSON text: the same value, in which control characters (DEL, C1, line separators), bidi
// controls and other invisible characters are written as \uXXXX, so that it may be shown as it is.
std::string escapedJson(std::string json);

// For a log line or an error: the same, quoted-safe and cut after `codePointsMax` with "…".
std::string forLog(std::string_view text, size_t codePointsMax = 80);

}  // namespace netchat

#pragma once

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
// Pure functions, any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace netchat::utf8 {

inline constexpr char32_t kInvalid = 0xFFFFFFFF;

// Takes the next code point off the front of `text`, which must not be empty.
// An invalid sequence gives kInvalid and takes one byte.
char32_t next(std::string_view& text);

void append(std::string& out, char32_t codePoint);

bool isValid(std::string_view text);

// Code points in `text`; an invalid byte counts as one.
size_t length(std::string_view text);

// `text` with every invalid byte replaced by U+FFFD.
std::string repaired(std::string_view text);

// The longest valid prefix of at most `bytesMax` bytes that does not cut a code point.
std::string_view prefix(std::string_view text, size_t bytesMax);

bool isControl(char32_t c);     // C0, DEL, C1, line and paragraph separators
bool isInvisible(char32_t c);   // bidi controls, zero-width, tags, BOM: shown as nothing, or worse
bool isSpace(char32_t c);       // ASCII and Unicode white space
bool isPythonWord(char32_t c);  // what Python's \w matches

}  // namespace netchat::utf8

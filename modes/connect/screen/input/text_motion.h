#pragma once

// Where the cursor can go in a text: clusters, words, lines. All offsets are bytes. Each function
// is linear in the size of the text. Pure functions, any thread.

#include <cstddef>
#include <string_view>

namespace netchat::connect {

// The first boundary of clusters at or behind this boundary of code points.
size_t boundaryFrom(std::string_view text, size_t offset);

// Of the line that this offset is in: its first byte, and its newline or the end of the text.
size_t lineBegin(std::string_view text, size_t offset);
size_t lineEnd(std::string_view text, size_t offset);

// What a word consists of: letters and digits, or all but white space.
enum class WordOf { Letters, NoSpaces };
// Where the word begins that is before or around the offset, and where the one behind or around it
// ends; 0 and text.size(): there is none.
size_t wordBefore(std::string_view text, size_t offset, WordOf what = WordOf::Letters);
size_t wordAfter(std::string_view text, size_t offset, WordOf what = WordOf::Letters);

}  // namespace netchat::connect

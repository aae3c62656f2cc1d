#pragma once

// Syllables of Hangul that KS X 1001 lacks, as EUC-KR composes them of eight bytes: a filler
// (A4 D4) and the initial, the vowel and the final, two bytes each, where a missing final is the
// filler again. Python's euc_kr writes and reads them; glibc's EUC-KR does not know them.

#include <string>
#include <string_view>

namespace netchat::net::hangul {

inline bool isSyllable(char32_t c) {
    return c >= 0xAC00 && c <= 0xD7A3;
}

void appendComposed(std::string& out, char32_t syllable);

// Takes a composed syllable off the front; 0, and takes nothing, where there is none.
char32_t takeComposed(std::string_view& bytes);

}  // namespace netchat::net::hangul

#pragma once

// Other spellings of one text in Unicode: "é" as one character or as two. They look the same and
// mean the same, and a charset may be able to say one of them only. And the spelling by which texts
// are the same but for case and width. Pure; any thread.

#include <string>
#include <string_view>

namespace netchat::net {

// The composed form of valid UTF-8 (NFC).
std::string composed(std::string_view text);

// Without regard to case and width (NFKC_Casefold): how names are compared.
std::string caseFolded(std::string_view text);

// What a character is canonically spelled with, in one step; empty: with itself only.
std::u32string spelledOut(char32_t c);

}  // namespace netchat::net

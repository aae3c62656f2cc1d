#pragma once

// What of anybody's bytes may stand in an input line, before it is edited or said. Pure; any
// thread.

#include <string>
#include <string_view>

namespace netchat::connect {

// Valid UTF-8, with CRLF, CR and Unicode's separators of lines as newlines, and without control
// characters but those and TAB. Invalid bytes have become U+FFFD.
std::string asInput(std::string_view any);

}  // namespace netchat::connect

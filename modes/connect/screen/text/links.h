#pragma once

// Addresses in a text that lead somewhere when they are clicked. What goes to the terminal of one
// cannot end the sequence that it stands in: printable ASCII only, no ";", bounded. Pure functions,
// any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::connect {

// Longer ones are none: terminals pass over them.
inline constexpr size_t kAddressBytesMax = 2000;

struct Link {
    size_t begin = 0, end = 0;  // bytes of the text
    friend bool operator==(const Link&, const Link&) = default;
};

// The addresses of http, https and ftp of which a part is in these bytes of a text, each whole.
// What commonly follows one in a sentence is not of it: "(see http://a.b/c)." has "http://a.b/c".
std::vector<Link> linksAround(std::string_view safeText, size_t begin, size_t end);

// The address as it may stand in an escape sequence: all but printable ASCII, and ";", is as %3B.
// Empty where that is too long.
std::string addressOf(std::string_view safeText, const Link& link);

}  // namespace netchat::connect

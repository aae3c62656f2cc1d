#pragma once

// Which names people take for one another (Unicode TR 36 and TR 39). The rule goes from character
// to character: two names are alike if they have the same number of characters, and each one looks
// like the one in its place, in some case. A small letter passes for the capital that it looks like
// (l for I) only between capitals, so that Neil and Nell are two people. One character never passes
// for two (m for rn), and two digits never for each other. Pure; any thread. (ICU.)

#include <cstddef>
#include <string>
#include <string_view>

namespace netchat::serve {

// The same for names that differ in case or width only.
std::string foldedNick(std::string_view nick);

bool looksAlike(std::string_view a, std::string_view b);
// The same for names that look alike, and for few others: what a table of names is hashed by.
size_t lookHash(std::string_view name);

// Whether somebody could take it for the server itself, which speaks to classic users by a name.
inline constexpr std::string_view kServerNick = "netchat";
bool looksLikeTheServer(std::string_view nick);

// A full-width or half-width character is another one in a different cell (RFC 8264, 5.2.1).
char32_t ofUsualWidth(char32_t c);

// Whether a reader sees nothing in its place: spaces without a mark, fillers, what only directs the
// drawing of others, and what no version of Unicode has a picture of.
bool drawsNothing(char32_t c);

}  // namespace netchat::serve

#pragma once

// Questions about single characters that both the widths and the safety of a text ask.

namespace netchat::connect {

constexpr bool isPrintableAscii(char c) {
    return c >= 0x20 && c < 0x7F;
}

// Both ends belong to the range.
constexpr bool isBetween(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

}  // namespace netchat::connect

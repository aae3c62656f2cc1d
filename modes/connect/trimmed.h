#pragma once

// A text without the blanks (spaces and tabs) at its ends.

#include <string_view>

namespace netchat::connect {

constexpr bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace netchat::connect

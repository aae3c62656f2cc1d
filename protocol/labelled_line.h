#pragma once

// Lines of the small files that programs keep beside their data: a word, then items "label:value",
// each after a TAB. Pure.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netchat {

// The value of "label:"; none where the line has no such item. It lies in the line.
std::optional<std::string_view> valueOf(std::string_view line, std::string_view label);

// The same as a decimal number; none where it is not one.
template <class Number = uint64_t>
std::optional<Number> numberOf(std::string_view line, std::string_view label) {
    const auto text = valueOf(line, label);
    if (!text) return {};
    Number number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) return {};
    return number;
}

// As wide as the largest number, so that another can be written in its place.
std::string paddedNumber(uint64_t number);

}  // namespace netchat

#include "protocol/shell_word.h"

#include <algorithm>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat {

namespace {

// What no shell takes for its own, but for an = at the beginning of a word.
bool isPlain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_-.:/@%+,=").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> shellWord(std::string_view text) {
    if (!utf8::isValid(text) || neutralised(text) != text) return {};
    const bool plain = !text.empty() && text.front() != '=';
    if (plain && std::all_of(text.begin(), text.end(), isPlain)) return std::string(text);
    std::string word = "'";
    for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
    return word + "'";
}

std::optional<std::string> shellOption(std::string_view option, std::string_view value) {
    const auto word = shellWord(value);
    if (!word) return {};
    return "--" + std::string(option) + (value.starts_with('-') ? "=" : " ") + *word;
}

std::optional<std::string> shellOperand(std::string_view text) {
    const auto word = shellWord(text);
    if (!word || !text.starts_with('-')) return word;
    return "-- " + *word;
}

}  // namespace netchat

#include "modes/connect/screen/style_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <vector>

#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

struct NamedColor {
    std::string_view name;
    Color color;
};

constexpr NamedColor kColors[] = {
    {"default", {}},         {"black", {0}},         {"red", {1}},
    {"green", {2}},          {"yellow", {3}},        {"blue", {4}},
    {"magenta", {5}},        {"cyan", {6}},          {"white", {7}},
    {"bright-black", {8}},   {"bright-red", {9}},    {"bright-green", {10}},
    {"bright-yellow", {11}}, {"bright-blue", {12}},  {"bright-magenta", {13}},
    {"bright-cyan", {14}},   {"bright-white", {15}}, {"grey", {245}},
    {"gray", {245}},         {"orange", {172}},      {"pink", {175}},
    {"brown", {130}},
};

struct Attribute {
    std::string_view name;
    bool Style::*member;
};

constexpr Attribute kAttributes[] = {
    {"bold", &Style::bold},
    {"dim", &Style::dim},
    {"underline", &Style::underline},
    {"reverse", &Style::reverse},
};

std::optional<int> wholeNumber(std::string_view text, int base) {
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc() || stop != end || number < 0) return {};
    return number;
}

std::optional<Color> colorNamed(std::string_view word) {
    for (const NamedColor& known : kColors) {
        if (known.name == word) return known.color;
    }
    if (word.starts_with('#') && word.size() == 7) {
        const auto rgb = wholeNumber(word.substr(1), 16);
        if (!rgb) return {};
        return Color{Color::kRgb | *rgb};
    }
    const auto number = wholeNumber(word, 10);
    if (number && *number <= 255) return Color{*number};
    return {};
}

Error unknownStyle(std::string_view word) {
    std::vector<std::string_view> names{"on", "plain"};
    for (const NamedColor& known : kColors) names.push_back(known.name);
    for (const Attribute& known : kAttributes) names.push_back(known.name);
    const auto near = nearestWord(word, names);
    std::string text = "unknown color '" + forLog(word, 30) + "'";
    if (!near.empty())
        return {ErrorCode::BadValue, text + "; did you mean " + std::string(near) + "?"};
    return {ErrorCode::BadValue,
            text + "; a style is words such as bold orange, white on blue, 33 or #ff8800"};
}

}  // namespace

Result<Style> parseStyle(std::string_view text) {
    Style style;
    bool background = false, any = false;
    while (!text.empty()) {
        const size_t end = std::min(text.find_first_of(" \t"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        any = true;
        if (word == "plain") continue;
        if (word == "on") {
            background = true;
            continue;
        }
        const auto* attribute =
            std::find_if(std::begin(kAttributes), std::end(kAttributes),
                         [&](const Attribute& known) { return known.name == word; });
        if (attribute != std::end(kAttributes)) {
            style.*attribute->member = true;
            continue;
        }
        const auto color = colorNamed(word);
        if (!color) return unknownStyle(word);
        (background ? style.background : style.foreground) = *color;
        background = false;
    }
    if (!any || background) {
        return Error{ErrorCode::BadValue,
                     "a style is words such as bold orange, white on blue, 33 or #ff8800"};
    }
    return style;
}

}  // namespace netchat::connect

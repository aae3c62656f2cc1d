#include "modes/connect/screen/theme.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace netchat::connect {

namespace {

// Of the palette of 256, in the middle between light and dark.
constexpr int kNickColors[] = {136, 173, 167, 168, 69,  33, 37,  107,
                               71,  67,  133, 134, 172, 74, 139, 98};
constexpr Color kRed{167}, kOrange{172}, kCyan{37}, kGrey{245}, kGreen{71}, kWhite{15}, kBlue{4},
    kYellow{11};

// FNV-1a, folded: nicks that differ in one letter should not look alike.
uint32_t hashOf(std::string_view text) {
    uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash ^ hash >> 15;
}

Style colored(Color foreground, Color background = {}) {
    Style style;
    style.foreground = foreground;
    style.background = background;
    return style;
}

Style bold(Style style) {
    style.bold = true;
    return style;
}

Style reverse(Style style = {}) {
    style.reverse = true;
    return style;
}

Style dim() {
    Style style;
    style.dim = true;
    return style;
}

Style withoutColors(Style style) {
    style.foreground = style.background = {};
    return style;
}

struct ThemePart {
    std::string_view name;
    Style Theme::*style;
};

constexpr ThemePart kParts[] = {
    {"text", &Theme::text},
    {"own", &Theme::own},
    {"mention", &Theme::mention},
    {"note", &Theme::note},
    {"trouble", &Theme::trouble},
    {"file", &Theme::file},
    {"notice", &Theme::notice},
    {"pending", &Theme::pending},
    {"failed", &Theme::failed},
    {"time", &Theme::time},
    {"rule", &Theme::rule},
    {"day", &Theme::day},
    {"new", &Theme::fresh},
    {"bar", &Theme::bar},
    {"bar-current", &Theme::barCurrent},
    {"bar-unread", &Theme::barUnread},
    {"bar-mention", &Theme::barMention},
    {"status", &Theme::status},
    {"status-trouble", &Theme::statusTrouble},
    {"work", &Theme::work},
    {"chosen", &Theme::chosen},
    {"prompt", &Theme::prompt},
    {"key", &Theme::key},
};

void useAttributes(Theme& theme) {
    theme.mention = bold(reverse());
    theme.note = theme.time = theme.rule = dim();
    theme.trouble = theme.failed = theme.fresh = bold({});
    theme.bar = theme.status = theme.work = reverse();
    theme.barCurrent = bold({});
    theme.barUnread = theme.barMention = theme.statusTrouble = bold(reverse());
}

void useColors(Theme& theme) {
    theme.mention = bold(colored(kOrange));
    theme.note = theme.time = theme.rule = theme.day = colored(kGrey);
    theme.trouble = theme.failed = colored(kRed);
    theme.file = theme.notice = colored(kCyan);
    theme.fresh = colored(kRed);
    theme.work = colored(kGreen);
    theme.bar = theme.status = colored(kWhite, kBlue);
    theme.barCurrent = bold(reverse(colored(kWhite, kBlue)));
    theme.barUnread = bold(colored(kWhite, kBlue));
    theme.barMention = bold(colored(kYellow, kBlue));
    theme.statusTrouble = bold(colored(kYellow, kBlue));
}

}  // namespace

Theme::Theme(bool withColor, const Overrides& overrides) : color(withColor) {
    own = bold({});
    pending = dim();
    chosen = reverse();
    prompt = bold({});
    key = bold({});
    color ? useColors(*this) : useAttributes(*this);
    for (const auto& [name, style] : overrides) {
        for (const ThemePart& part : kParts) {
            if (part.name == name) this->*part.style = color ? style : withoutColors(style);
        }
    }
}

std::vector<std::string_view> themeParts() {
    std::vector<std::string_view> names;
    for (const ThemePart& part : kParts) names.push_back(part.name);
    return names;
}

Style Theme::nick(std::string_view nick) const {
    if (!color) return {};
    return colored({kNickColors[hashOf(nick) % std::size(kNickColors)]});
}

}  // namespace netchat::connect

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

}  // namespace

Theme::Theme(bool withColor) : color(withColor) {
    own = bold({});
    pending = dim();
    chosen = reverse();
    prompt = bold({});
    key = bold({});
    if (!color) {
        mention = bold(reverse());
        note = time = rule = dim();
        trouble = failed = fresh = bold({});
        bar = status = work = reverse();
        barCurrent = bold({});
        barUnread = barMention = statusTrouble = bold(reverse());
        return;
    }
    mention = bold(colored(kOrange));
    note = time = rule = day = colored(kGrey);
    trouble = failed = colored(kRed);
    file = notice = colored(kCyan);
    fresh = colored(kRed);
    work = colored(kGreen);
    bar = status = colored(kWhite, kBlue);
    barCurrent = bold(reverse(colored(kWhite, kBlue)));
    barUnread = bold(colored(kWhite, kBlue));
    barMention = bold(colored(kYellow, kBlue));
    statusTrouble = bold(colored(kYellow, kBlue));
}

Style Theme::nick(std::string_view nick) const {
    if (!color) return {};
    return colored({kNickColors[hashOf(nick) % std::size(kNickColors)]});
}

}  // namespace netchat::connect

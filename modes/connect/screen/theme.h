#pragma once

// How what is shown looks: colours of the palette that can be read on light and on dark, and
// attributes that say the same where there are no colours; or what somebody has set instead. Pure;
// any thread.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

struct Theme {
    using Overrides = std::map<std::string, Style, std::less<>>;
    explicit Theme(bool color, const Overrides& overrides = {});

    // The same for a nick everywhere and always.
    Style nick(std::string_view nick) const;

    Style text, own, mention, note, trouble, file, notice, pending, failed, time, rule, day, fresh;
    Style bar, barCurrent, barUnread, barMention, status, statusTrouble, work, chosen, prompt, key;
    bool color;
};

// What can be overridden: "mention", "bar-current" and so on.
std::vector<std::string_view> themeParts();

}  // namespace netchat::connect

#pragma once

// How what is shown looks: colours of the palette that can be read on light and on dark, and
// attributes that say the same where there are no colours. Pure; any thread.

#include <string_view>

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

struct Theme {
    explicit Theme(bool color);

    // The same for a nick everywhere and always.
    Style nick(std::string_view nick) const;

    Style text, own, mention, note, trouble, file, notice, pending, failed, time, rule, day, fresh;
    Style bar, barCurrent, barUnread, barMention, status, statusTrouble, work, chosen, prompt, key;
    const bool color;
};

}  // namespace netchat::connect

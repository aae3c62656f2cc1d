#pragma once

// What tells the desktop something through the terminal. Pure functions, any thread.
//
//     OSC 9      ESC ] 9 ; netchat: TEXT BEL                 iTerm2, kitty, WezTerm, foot, Windows
//     OSC 777    ESC ] 777 ; notify ; netchat ; TEXT BEL     urxvt, foot, VTE with a patch, Ghostty

#include <string>
#include <string_view>

#include "modes/connect/screen/settings.h"

namespace netchat::connect {

// `safe` holds no control characters; empty where nothing is wanted.
inline std::string notificationBytes(Settings::Notify how, std::string_view safe) {
    switch (how) {
        case Settings::Notify::Off:
            return "";
        case Settings::Notify::Osc9:
            // The word in front: some terminals take "4;…" for the state of a progress bar.
            return "\x1b]9;netchat: " + std::string(safe) + "\a";
        case Settings::Notify::Osc777: {
            // A semicolon would end the text.
            std::string text(safe);
            for (char& c : text) c = c == ';' ? ',' : c;
            return "\x1b]777;notify;netchat;" + text + "\a";
        }
    }
    return "";
}

}  // namespace netchat::connect

#pragma once

// Terminals by their names in terminfo, which the machine that runs the tests has.

#include <stdexcept>
#include <string>

#include "modes/connect/screen/terminal/terminfo_capabilities.h"

namespace netchat::connect {

inline TerminfoCapabilities terminal(const std::string& name,
                                     const TerminfoCapabilities::Hints& hints = {}) {
    auto loaded = TerminfoCapabilities::load(name, hints);
    if (!loaded) throw std::runtime_error(loaded.error().text);
    return *loaded;
}

}  // namespace netchat::connect

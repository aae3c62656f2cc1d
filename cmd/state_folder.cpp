#include "cmd/state_folder.h"

#include "cmd/environment.h"

namespace netchat::cmd {

std::string stateFolder(const std::string& xdgStateHome, const std::string& home) {
    if (xdgStateHome.starts_with('/')) return xdgStateHome + "/netchat";
    if (home.starts_with('/')) return home + "/.local/state/netchat";
    return {};
}

std::string stateFolder() {
    return stateFolder(environment("XDG_STATE_HOME"), environment("HOME"));
}

}  // namespace netchat::cmd

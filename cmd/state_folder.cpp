#include "cmd/state_folder.h"

#include <cstdlib>

namespace netchat::cmd {

std::string stateFolder(const std::string& xdgStateHome, const std::string& home) {
    if (xdgStateHome.starts_with('/')) return xdgStateHome + "/netchat";
    if (home.starts_with('/')) return home + "/.local/state/netchat";
    return {};
}

std::string stateFolder() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        return std::string(value ? value : "");
    };
    return stateFolder(variable("XDG_STATE_HOME"), variable("HOME"));
}

}  // namespace netchat::cmd

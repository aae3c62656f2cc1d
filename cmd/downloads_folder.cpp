#include "cmd/downloads_folder.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "cmd/environment.h"

namespace netchat::cmd {

namespace {

constexpr std::string_view kName = "XDG_DOWNLOAD_DIR=";
constexpr size_t kUserDirsBytesMax = 64 * 1024;

// "$HOME/x" or "/x", in double quotes, as xdg-user-dirs writes it; all else is none.
std::optional<std::string> pathOf(std::string_view quoted, const std::string& home) {
    if (quoted.empty() || quoted.front() != '"') return {};
    std::string path;
    size_t at = 1;
    for (; at < quoted.size() && quoted[at] != '"'; ++at) {
        if (quoted[at] == '\\' && at + 1 < quoted.size()) ++at;
        path += quoted[at];
    }
    if (at == quoted.size()) return {};
    constexpr std::string_view kHome = "$HOME";
    const bool inHome = path == kHome || path.starts_with("$HOME/");
    if (inHome) path.replace(0, kHome.size(), home);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    // The home folder itself says that there is no such folder.
    if (!path.starts_with('/') || path == home) return {};
    return path;
}

std::string readUserDirs(const std::string& home) {
    const std::string config = environment("XDG_CONFIG_HOME");
    std::ifstream file((config.starts_with('/') ? config : home + "/.config") + "/user-dirs.dirs",
                       std::ios::binary);
    std::string text(kUserDirsBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    return text;
}

}  // namespace

std::string downloadsFolder(std::string_view userDirs, const std::string& home) {
    if (!home.starts_with('/')) return {};
    std::string folder = home + "/Downloads";
    while (!userDirs.empty()) {
        std::string_view line = userDirs.substr(0, userDirs.find('\n'));
        userDirs.remove_prefix(std::min(userDirs.size(), line.size() + 1));
        line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
        if (!line.starts_with(kName)) continue;
        // As in a shell, the last one counts.
        folder = pathOf(line.substr(kName.size()), home).value_or(home + "/Downloads");
    }
    return folder + "/netchat";
}

std::string downloadsFolder() {
    const std::string home = environment("HOME");
    return downloadsFolder(readUserDirs(home), home);
}

}  // namespace netchat::cmd

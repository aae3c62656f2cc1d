#pragma once

// Where received files go when nobody says where: a folder of their own, never the current one,
// since programs such as make, python and npm run or read what they find there by its name.

#include <string>
#include <string_view>

namespace netchat::cmd {

// `netchat` in the user's folder for downloads: the XDG_DOWNLOAD_DIR of `userDirs`, the text of
// xdg-user-dirs' user-dirs.dirs, else HOME/Downloads. Empty where `home` is no absolute path.
std::string downloadsFolder(std::string_view userDirs, const std::string& home);

// The same by the environment and $XDG_CONFIG_HOME/user-dirs.dirs, else ~/.config/user-dirs.dirs.
std::string downloadsFolder();

}  // namespace netchat::cmd

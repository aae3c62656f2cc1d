#pragma once

// Keeps a setting in the configuration file: its line is replaced, or added at the end; comments,
// order and all other lines stay as they are. The file is written aside and renamed, so that
// whoever dies in between leaves the old one whole.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::connect {

// A text of the file with the setting in it; no value: without it. Pure.
std::string withSetting(std::string_view text, std::string_view name,
                        const std::optional<std::string>& value);

// Makes the file (0600) and its folder (0700) where they are missing; a symbolic link stays one.
Status keepSetting(const std::filesystem::path& file, std::string_view name,
                   const std::optional<std::string>& value);

}  // namespace netchat::connect

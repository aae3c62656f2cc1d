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

// The whole of a small file, or nothing where there is none; an error for one above `bytesMax`.
Result<std::string> readSmallFile(const std::filesystem::path& file, size_t bytesMax);
// Written aside and renamed; without Sync a power cut may take it back.
enum class Sync { No, Yes };
Status replaceFile(const std::filesystem::path& file, std::string_view text, unsigned mode,
                   Sync sync = Sync::Yes);

}  // namespace netchat::connect

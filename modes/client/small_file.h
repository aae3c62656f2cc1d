#pragma once

// Small files that are read and written as a whole: states, settings, lists of what is known.
// Any thread; a file has one writer at a time, which its owner sees to.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::client {

// All of it, however often the kernel takes a part; false: errno says why. The second writes from
// `offset` on, and leaves the descriptor's own place alone.
bool writeAll(int fd, std::string_view bytes);
bool writeAll(int fd, std::string_view bytes, off_t offset);

// To the end; false: errno says why, EFBIG for more than `bytesMax`.
bool readAll(int fd, size_t bytesMax, std::string& text);

// The whole of a file, or nothing where there is none; Internal for one above `bytesMax`.
Result<std::string> readSmallFile(const std::filesystem::path& file, size_t bytesMax);

// Best effort: the name is there, and mostly stays without it.
void syncNameOf(const std::filesystem::path& file);

// Written aside and renamed: whoever dies in between leaves the old one whole. Without Sync a power
// cut may take it back. Internal.
enum class Sync { No, Yes };
Status replaceFile(const std::filesystem::path& file, std::string_view text, mode_t mode,
                   Sync sync = Sync::Yes);

// The same with mode 0600, for whoever writes on: the descriptor of the new file, opened with
// `flags` too; -1: errno says why, and the old one is as it was.
int replaceAndOpen(const std::filesystem::path& file, std::string_view text, int flags, Sync sync);

}  // namespace netchat::client

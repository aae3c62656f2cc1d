#pragma once

// The unfinished files in a downloads folder.
//
//     .netchat-HASH.part     of a file with this SHA-256 (its first 32 digits): found again by
//                            whoever wants the same bytes, also after a kill, by whatever name
//     .netchat-PID-N.part    of a file without a hash, or whose partial file is in use: never kept
//
// All are of mode 0600 and locked as long as they are in use; the lock goes with the process. One
// thread at a time.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::client {

struct PartialFile {
    int fd = -1;
    std::string name;   // in its folder
    bool kept = false;  // for a later time
    uint64_t size = 0;
};

// Opens and locks one. With a `sha256`, what is there of it already. Errors as of IncomingFile.
Result<PartialFile> openPartial(int folderFd, std::string_view sha256);

// Removes those that nobody has touched for a week. Best effort.
void removeStalePartials(const std::filesystem::path& folder);

}  // namespace netchat::client

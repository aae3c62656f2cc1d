#pragma once

// Opens the store's own small files beside a log: links are not followed, and new ones are nobody
// else's.

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "modes/descriptor.h"

namespace netchat::store {

inline Descriptor openFile(const std::filesystem::path& file, int flags) {
    return Descriptor(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
}

}  // namespace netchat::store

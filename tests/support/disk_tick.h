#pragma once

// A file system notes changes by a clock that is as coarse as the kernel's tick: what follows a
// change within the same tick cannot be told from it.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace netchat::test {

// Until a change from now on has another time than all before it.
inline void waitForDiskTick(const std::filesystem::path& folder) {
    const std::filesystem::path probe = folder / "tick";
    const auto changed = [&probe] {
        std::ofstream(probe) << "x";
        struct stat info {};
        ::stat(probe.c_str(), &info);
        return std::pair(info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    };
    const auto first = changed();
    while (changed() == first) {
    }
    std::filesystem::remove(probe);
}

}  // namespace netchat::test

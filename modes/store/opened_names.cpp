#include "modes/store/opened_names.h"

#include <sys/stat.h>

namespace netchat::store {

void OpenedNames::note(const std::vector<std::filesystem::path>& files) {
    opened_.clear();
    for (const auto& file : files) {
        struct stat info {};
        if (::stat(file.c_str(), &info) == 0) opened_.push_back({file, info.st_dev, info.st_ino});
    }
}

std::filesystem::path OpenedNames::missing() const {
    for (const Opened& opened : opened_) {
        struct stat info {};
        const bool same = ::stat(opened.file.c_str(), &info) == 0 && info.st_dev == opened.device &&
                          info.st_ino == opened.inode;
        if (!same) return opened.file;
    }
    return {};
}

}  // namespace netchat::store

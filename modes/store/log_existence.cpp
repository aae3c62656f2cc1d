#include "modes/store/log_existence.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

bool holdsFiles(const fs::path& folder) {
    std::error_code error;
    for (const auto& item : fs::directory_iterator(folder, error)) {
        if (item.is_regular_file(error)) return true;
    }
    return false;
}

}  // namespace

Result<std::string> checkLogPresence(const fs::path& file) {
    std::error_code error;
    const fs::path folder = file.parent_path();
    const bool isThere = fs::exists(file, error);
    if (isThere && fileBytes(file) > 0) return std::string();
    const std::string name = file.string();
    const std::string what = isThere ? name + " is empty (0 bytes)" : name + " is not there";
    const std::string advice = "restore a copy of the data folder, or move it away to start empty";
    if (fileBytes(name + "-wal") > 0) {
        return Error{ErrorCode::BadState, what + ", but its write-ahead log " + name +
                                              "-wal exists: both are left unchanged; " + advice};
    }
    // Only a server with a log makes an index of it.
    const bool wasThere = fs::exists(folder / "search.sqlite", error);
    if (isThere && (wasThere || fs::exists(folder / "control.sqlite", error))) {
        return Error{ErrorCode::BadState,
                     what + ", but was not empty before; a power cut may be the cause; " + advice};
    }
    if (isThere || (!wasThere && !holdsFiles(folder / "files"))) return std::string();
    return what +
           ", although the folder was used before: all rooms start empty; if the log was lost, "
           "stop the server and restore a copy";
}

bool syncFolderOf(const fs::path& file) {
    const fs::path folder = fs::absolute(file).parent_path();
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    return good;
}

}  // namespace netchat::store

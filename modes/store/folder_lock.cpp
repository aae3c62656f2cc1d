#include "modes/store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace netchat::store {

namespace fs = std::filesystem;

Result<std::unique_ptr<FolderLock>> FolderLock::take(const fs::path& folder) {
    std::error_code error;
    if (fs::create_directories(folder, error)) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    const fs::path file = folder / "lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return Error{ErrorCode::Internal,
                     "the data folder " + folder.string() +
                         " cannot be used: " + std::generic_category().message(errno)};
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        char holder[32] = {};
        const ssize_t size = ::read(fd, holder, sizeof holder - 1);
        ::close(fd);
        return Error{ErrorCode::BadState,
                     "the data folder " + folder.string() + " is already used by process " +
                         (size > 0 ? std::string(holder, static_cast<size_t>(size)) : "?") +
                         "; only one server can use it"};
    }
    const std::string pid = std::to_string(::getpid());
    // Only for the message of the next who asks: it does not matter if it cannot be written.
    if (::ftruncate(fd, 0) == 0) (void)!::write(fd, pid.data(), pid.size());
    return std::unique_ptr<FolderLock>(new FolderLock(fd));
}

FolderLock::~FolderLock() {
    ::close(fd_);
}

}  // namespace netchat::store

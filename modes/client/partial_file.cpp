#include "modes/client/partial_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace netchat::client {

namespace {

constexpr std::string_view kPrefix = ".netchat-";
constexpr std::string_view kSuffix = ".part";
constexpr size_t kHashDigits = 32;
constexpr unsigned kNameTriesMax = 1000;
constexpr time_t kStaleSeconds = 7 * 24 * 3600;
// A folder with more than this is not searched to its end.
constexpr int kEntriesMax = 100'000;

std::string partName(std::string_view middle) {
    return std::string(kPrefix) + std::string(middle) + std::string(kSuffix);
}

// Whether this descriptor is what the folder has under the name, and ours alone. It may have been
// placed or removed between opening and locking.
bool isStill(int folderFd, const std::string& name, int fd, uint64_t& size) {
    struct stat open {
    }, named{};
    if (::fstat(fd, &open) != 0 || !S_ISREG(open.st_mode) || open.st_nlink != 1) return false;
    if (::fstatat(folderFd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) return false;
    size = static_cast<uint64_t>(open.st_size);
    return open.st_dev == named.st_dev && open.st_ino == named.st_ino && open.st_uid == ::geteuid();
}

// False: it is in use, or it is nothing to go on with.
bool openKept(int folderFd, std::string_view sha256, PartialFile& file) {
    file.name = partName(sha256.substr(0, kHashDigits));
    for (unsigned tries = 0; tries < kNameTriesMax; ++tries) {
        file.fd = ::openat(folderFd, file.name.c_str(),
                           O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        if (file.fd < 0) return false;
        const bool locked = ::flock(file.fd, LOCK_EX | LOCK_NB) == 0;
        if (locked && isStill(folderFd, file.name, file.fd, file.size)) {
            file.kept = ::fchmod(file.fd, 0600) == 0;
            if (file.kept) return true;
        }
        ::close(file.fd);
        file.fd = -1;
        if (!locked) return false;
    }
    return false;
}

bool openPrivate(int folderFd, PartialFile& file) {
    static std::atomic<uint64_t> number{0};
    for (unsigned tries = 0; tries < kNameTriesMax; ++tries) {
        file.name = partName(std::to_string(::getpid()) + "-" + std::to_string(++number));
        file.fd = ::openat(folderFd, file.name.c_str(),
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file.fd >= 0) return ::flock(file.fd, LOCK_EX | LOCK_NB), true;
        if (errno != EEXIST) return false;
    }
    return false;
}

void removeIfStale(int folderFd, const std::string& name, time_t now) {
    const int fd = ::openat(folderFd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return;
    struct stat info {};
    uint64_t size = 0;
    const bool stale = ::fstat(fd, &info) == 0 && now - info.st_mtime > kStaleSeconds &&
                       ::flock(fd, LOCK_EX | LOCK_NB) == 0 && isStill(folderFd, name, fd, size);
    if (stale) ::unlinkat(folderFd, name.c_str(), 0);
    ::close(fd);
}

}  // namespace

Result<PartialFile> openPartial(int folderFd, std::string_view sha256) {
    PartialFile file;
    if (sha256.size() >= kHashDigits && openKept(folderFd, sha256, file)) return file;
    file = {};
    if (openPrivate(folderFd, file)) return file;
    const bool full = errno == ENOSPC || errno == EDQUOT;
    return Error{full ? ErrorCode::NoRoom : ErrorCode::Internal,
                 std::generic_category().message(errno)};
}

void removeStalePartials(const std::filesystem::path& folder) {
    DIR* entries = ::opendir(folder.c_str());
    if (entries == nullptr) return;
    const time_t now = ::time(nullptr);
    for (int count = 0; count < kEntriesMax; ++count) {
        const dirent* entry = ::readdir(entries);
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) {
            removeIfStale(::dirfd(entries), name, now);
        }
    }
    ::closedir(entries);
}

}  // namespace netchat::client

#include "modes/store/real_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

Error diskError(int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return {full ? ErrorCode::NoRoom : ErrorCode::Internal,
            "the server cannot store files: " + std::generic_category().message(error)};
}

Status statusOf(int result) {
    if (result == 0) return Ok{};
    return diskError(errno);
}

class RealFile : public DiskFile {
  public:
    explicit RealFile(int fd) : fd_(fd) {}
    ~RealFile() override { ::close(fd_); }
    RealFile(const RealFile&) = delete;
    RealFile& operator=(const RealFile&) = delete;

    uint64_t size() const override {
        struct stat info {};
        return ::fstat(fd_, &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
    }
    FileStamp stamp() const override {
        struct stat info {};
        if (::fstat(fd_, &info) != 0) return {};
        return {static_cast<uint64_t>(info.st_size), info.st_ino,
                info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec};
    }
    Status append(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return diskError(errno);
            bytes.remove_prefix(static_cast<size_t>(n));
        }
        return Ok{};
    }
    bool read(uint64_t offset, std::string& bytes) const override {
        for (size_t done = 0; done < bytes.size();) {
            const ssize_t n = ::pread(fd_, bytes.data() + done, bytes.size() - done,
                                      static_cast<off_t>(offset + done));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            done += static_cast<size_t>(n);
        }
        return true;
    }
    Status sync() override { return statusOf(::fdatasync(fd_)); }
    int fd() const override { return fd_; }

  private:
    const int fd_;
};

// Only a file of bytes is one of the store's: what else has its name cannot be used.
std::unique_ptr<DiskFile> diskFile(int fd) {
    if (fd < 0) return nullptr;
    auto file = std::make_unique<RealFile>(fd);
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return file;
    errno = EINVAL;
    return nullptr;
}

int openFolder(int at, const char* name) {
    return ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

}  // namespace

Result<std::unique_ptr<RealDisk>> RealDisk::open(const fs::path& folder,
                                                 const std::vector<std::string>& below) {
    const auto failed = [&folder](const std::string& why) {
        return Error{ErrorCode::Internal,
                     "the folder " + folder.string() + " cannot be used: " + why};
    };
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return failed(error.message());
    fs::permissions(folder, fs::perms::owner_all, error);

    auto disk = std::unique_ptr<RealDisk>(new RealDisk(folder));
    const int top = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0) return failed(std::generic_category().message(errno));
    disk->folders_.push_back({"", top});
    for (const std::string& name : below) {
        const bool made = ::mkdirat(top, name.c_str(), S_IRWXU) == 0 || errno == EEXIST;
        const int fd = made ? openFolder(top, name.c_str()) : -1;
        if (fd < 0) return failed(name + ": " + std::generic_category().message(errno));
        disk->folders_.push_back({name, fd});
    }
    return disk;
}

RealDisk::~RealDisk() {
    for (const Folder& folder : folders_) ::close(folder.fd);
}

RealDisk::Place RealDisk::placeOf(const std::string& name) const {
    const size_t slash = name.find('/');
    const std::string folder = slash == std::string::npos ? "" : name.substr(0, slash);
    std::string leaf = slash == std::string::npos ? name : name.substr(slash + 1);
    const bool plain = !leaf.empty() && leaf != "." && leaf != ".." &&
                       leaf.find_first_of(std::string("/\0", 2)) == std::string::npos;
    const auto it = std::find_if(folders_.begin(), folders_.end(),
                                 [&folder](const Folder& f) { return f.name == folder; });
    if (!plain || it == folders_.end()) return {};
    return {it->fd, std::move(leaf)};
}

int RealDisk::openAt(const std::string& name, int flags) const {
    const Place place = placeOf(name);
    // A pipe or a device would keep everybody waiting for whoever is at its other end.
    return ::openat(place.folder, place.leaf.c_str(),
                    flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

// Somebody has removed the folders, or one of them. Other threads go on with the same descriptors:
// they come to mean the new folders. Nobody else's are used: in a place like /tmp others may make
// one of this name.
bool RealDisk::makeAgain() {
    const auto openOwn = [](int at, const char* name) {
        const bool made = ::mkdirat(at, name, S_IRWXU) == 0 || errno == EEXIST;
        const int fd = made ? openFolder(at, name) : -1;
        struct stat info {};
        if (fd < 0) return -1;
        const bool own = ::fstat(fd, &info) == 0 && info.st_uid == ::geteuid() &&
                         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
        if (!own) ::close(fd);
        return own ? fd : -1;
    };
    const int parent = openOwn(AT_FDCWD, path_.parent_path().c_str());
    const int top = parent < 0 ? -1 : openOwn(parent, path_.filename().c_str());
    bool all = top >= 0;
    for (const Folder& folder : folders_) {
        const int fd = !all                  ? -1
                       : folder.name.empty() ? ::fcntl(top, F_DUPFD_CLOEXEC, 0)
                                             : openOwn(top, folder.name.c_str());
        all = all && fd >= 0 && ::dup3(fd, folder.fd, O_CLOEXEC) >= 0;
        if (fd >= 0) ::close(fd);
    }
    if (top >= 0) ::close(top);
    if (parent >= 0) ::close(parent);
    return all;
}

Result<std::unique_ptr<DiskFile>> RealDisk::create(const std::string& name) {
    auto file = diskFile(openAt(name, O_RDWR | O_APPEND | O_CREAT | O_EXCL));
    if (!file && errno == ENOENT && makeAgain()) {
        file = diskFile(openAt(name, O_RDWR | O_APPEND | O_CREAT | O_EXCL));
    }
    if (!file) return diskError(errno);
    return file;
}

Result<std::unique_ptr<DiskFile>> RealDisk::reopen(const std::string& name) {
    auto file = diskFile(openAt(name, O_RDWR | O_APPEND));
    if (!file) return diskError(errno);
    return file;
}

std::unique_ptr<DiskFile> RealDisk::open(const std::string& name) {
    return diskFile(openAt(name, O_RDONLY));
}

Status RealDisk::rename(const std::string& from, const std::string& to) {
    const Place source = placeOf(from), target = placeOf(to);
    return statusOf(
        ::renameat(source.folder, source.leaf.c_str(), target.folder, target.leaf.c_str()));
}

void RealDisk::remove(const std::string& name) {
    const Place place = placeOf(name);
    ::unlinkat(place.folder, place.leaf.c_str(), 0);
}

Status RealDisk::syncNames() {
    for (const Folder& folder : folders_) {
        if (::fsync(folder.fd) != 0) return diskError(errno);
    }
    return Ok{};
}

std::vector<Disk::Listed> RealDisk::list(const std::string& folder) const {
    std::vector<Listed> found;
    const auto it = std::find_if(folders_.begin(), folders_.end(),
                                 [&folder](const Folder& f) { return f.name == folder; });
    // A descriptor of its own: fdopendir() takes it, and its position is not shared.
    const int fd = it == folders_.end() ? -1 : openFolder(it->fd, ".");
    DIR* const entries = fd < 0 ? nullptr : ::fdopendir(fd);
    if (!entries) return found;
    while (const dirent* entry = ::readdir(entries)) {  // NOLINT(concurrency-mt-unsafe)
        struct stat info {};
        if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (!S_ISREG(info.st_mode)) continue;
        found.push_back({entry->d_name, static_cast<uint64_t>(info.st_size),
                         info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000});
    }
    ::closedir(entries);
    return found;
}

}  // namespace netchat::store

#include "modes/client/incoming_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::client {

namespace {

// How many numbered names are tried before a folder is given up.
constexpr unsigned kNumberMax = 100'000;
// Of the name, in a temporary's; the rest of NAME_MAX is for the dot, the number and the ending.
constexpr size_t kTemporaryNameBytes = 200;

Error failure(int error, const std::string& what) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return {full ? ErrorCode::NoRoom : ErrorCode::Internal,
            what + ": " + std::generic_category().message(error)};
}

// umask() can only be asked by changing it, which would race with other threads.
mode_t processUmask() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("Umask:"))
            return static_cast<mode_t>(std::stoul(line.substr(6), {}, 8));
    }
    return 077;
}

// False with errno EEXIST when the name is taken.
bool moveNew(int folderFd, const char* from, const char* to) {
    if (::renameat2(folderFd, from, folderFd, to, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    // A file system without renameat2's flags; link() does not overwrite either.
    return ::linkat(folderFd, from, folderFd, to, 0) == 0 && ::unlinkat(folderFd, from, 0) == 0;
}

}  // namespace

IncomingFile::IncomingFile(const DownloadsFolder& folder, std::string_view name, uint64_t size)
    : folder_(folder), name_(safeFileName(name)), size_(size) {
}

Result<std::unique_ptr<IncomingFile>> IncomingFile::create(const DownloadsFolder& folder,
                                                           std::string_view name, uint64_t size) {
    std::unique_ptr<IncomingFile> file(new IncomingFile(folder, name, size));
    if (folder.discard) return file;
    auto status = file->openFolder();
    if (status) status = file->openTemporary();
    if (!status) return status.error();
    return file;
}

IncomingFile::~IncomingFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!temporary_.empty()) ::unlinkat(folderFd_, temporary_.c_str(), 0);
    if (folderFd_ >= 0) ::close(folderFd_);
}

Status IncomingFile::openFolder() {
    std::error_code ignored;
    std::filesystem::create_directories(folder_.path, ignored);
    folderFd_ = ::open(folder_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folderFd_ >= 0) return Ok{};
    return failure(errno, "cannot use the downloads folder " + forLog(folder_.path.native(), 200));
}

Status IncomingFile::openTemporary() {
    static std::atomic<uint64_t> number{0};
    const std::string stem = "." + std::string(utf8::prefix(name_, kTemporaryNameBytes)) + "." +
                             std::to_string(::getpid()) + "-";
    for (unsigned tries = 0; tries < kNumberMax; ++tries) {
        temporary_ = stem + std::to_string(++number) + ".part";
        fd_ = ::openat(folderFd_, temporary_.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd_ >= 0 || errno != EEXIST) break;
    }
    if (fd_ >= 0) return Ok{};
    const int error = errno;
    temporary_.clear();  // it is not ours
    return failure(error, "cannot write into " + forLog(folder_.path.native(), 200));
}

Status IncomingFile::write(std::string_view bytes) {
    if (bytes.size() > size_ - received_) {
        return Error{ErrorCode::BadHash, "more bytes came than were announced"};
    }
    hash_.update(bytes);
    received_ += bytes.size();
    while (fd_ >= 0 && !bytes.empty()) {
        const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure(errno, "cannot write " + forLog(name_));
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return Ok{};
}

Result<IncomingFile::Placed> IncomingFile::place(std::string_view sha256) {
    Placed placed{{}, hash_.hex()};
    if (received_ != size_) {
        return Error{ErrorCode::BadHash, "only " + std::to_string(received_) + " of " +
                                             std::to_string(size_) + " bytes came"};
    }
    if (!sha256.empty() && placed.sha256 != sha256) {
        return Error{ErrorCode::BadHash, "the bytes received are not those that were announced"};
    }
    if (folder_.discard) return placed;
    auto name = moveIntoPlace();
    if (!name) return name.error();
    placed.path = (folder_.path / *name).native();
    return placed;
}

Result<std::string> IncomingFile::moveIntoPlace() {
    static const mode_t mode = 0644 & ~processUmask();
    if (::fchmod(fd_, mode) != 0) return failure(errno, "cannot set the mode of " + forLog(name_));
    // An error of the disk may be told only now.
    if (::close(std::exchange(fd_, -1)) != 0)
        return failure(errno, "cannot write " + forLog(name_));
    for (unsigned number = 1; number <= kNumberMax; ++number) {
        std::string name = number == 1 ? name_ : numberedFileName(name_, number);
        if (moveNew(folderFd_, temporary_.c_str(), name.c_str())) {
            temporary_.clear();
            return name;
        }
        if (errno != EEXIST) return failure(errno, "cannot place " + forLog(name));
    }
    return failure(EEXIST, "cannot place " + forLog(name_));
}

}  // namespace netchat::client

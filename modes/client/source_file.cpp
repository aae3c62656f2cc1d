#include "modes/client/source_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

Error readFailure(const std::filesystem::path& path, const std::string& why) {
    return {ErrorCode::NoSuchFile, "cannot read " + forLog(path.native(), 200) + ": " + why};
}

std::string errnoText() {
    return std::generic_category().message(errno);
}

// The kernel's own files say nothing, or a page, of their size.
constexpr uint64_t kSmallBytes = 64 * limits::kKiB;
constexpr uint64_t kMadeUpBytesMax = 16 * limits::kMiB;
constexpr size_t kPieceBytes = 64 * limits::kKiB;

bool isMadeUp(int fd, const struct stat& info) {
    if (info.st_blocks != 0) return false;
    if (static_cast<uint64_t>(info.st_size) <= kSmallBytes) return true;
    struct statfs system {};
    return ::fstatfs(fd, &system) == 0 &&
           (system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC);
}

bool isSame(const timespec& one, const timespec& other) {
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

}  // namespace

Result<std::unique_ptr<Source>> SourceFile::open(const std::filesystem::path& path) {
    std::unique_ptr<SourceFile> file(new SourceFile(path));
    if (auto status = file->openNow(); !status) return status.error();
    return std::unique_ptr<Source>(std::move(file));
}

Status SourceFile::openNow() {
    // Non-blocking, so that a named pipe is refused below rather than waited for.
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info {};
    if (fd_ < 0 || ::fstat(fd_, &info) != 0) return readFailure(path_, errnoText());
    if (S_ISDIR(info.st_mode)) return readFailure(path_, "it is a folder; only files can be sent");
    if (!S_ISREG(info.st_mode)) return readFailure(path_, "it is not a regular file");
    size_ = static_cast<uint64_t>(info.st_size);
    changed_ = info.st_mtim;
    return isMadeUp(fd_, info) ? readAll() : Ok{};
}

Status SourceFile::readAll() {
    std::string all;
    ssize_t got = 0;
    do {
        const size_t before = all.size();
        all.resize(before + kPieceBytes);
        got = ::read(fd_, all.data() + before, kPieceBytes);
        all.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (all.size() > kMadeUpBytesMax) {
            return Error{ErrorCode::TooLarge, forLog(path_.native(), 200) +
                                                  " has no fixed size, and more than " +
                                                  std::to_string(kMadeUpBytesMax) +
                                                  " bytes; copy it to a file, and send that"};
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0) return readFailure(path_, errnoText());
    size_ = all.size();
    made_ = std::move(all);
    close();
    return Ok{};
}

SourceFile::~SourceFile() {
    close();
}

void SourceFile::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Status SourceFile::reopen() {
    if (fd_ >= 0 || made_) return Ok{};
    SourceFile again(path_);
    if (auto status = again.openNow(); !status) return status;
    const bool same = again.size_ == size_ && isSame(again.changed_, changed_);
    if (!same) return Error{ErrorCode::BadHash, forLog(path_.native(), 200) + " changed"};
    fd_ = std::exchange(again.fd_, -1);
    return Ok{};
}

Status SourceFile::read(uint64_t offset, size_t size, std::string& out) const {
    if (made_) {
        out.assign(*made_, std::min<uint64_t>(offset, made_->size()), size);
        return Ok{};
    }
    out.resize(size);
    for (size_t got = 0; got < size;) {
        const ssize_t n =
            ::pread(fd_, out.data() + got, size - got, static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return readFailure(path_, errnoText());
        if (n == 0) return readFailure(path_, "it became shorter while it was being sent");
        got += static_cast<size_t>(n);
    }
    return Ok{};
}

// A file system may say any second that fits; no moment that people know is so far away.
std::optional<int64_t> SourceFile::mtimeMs() const {
    constexpr int64_t kSecondsMax = 1'000'000'000'000;
    if (changed_.tv_sec < -kSecondsMax || changed_.tv_sec > kSecondsMax) return {};
    return int64_t{changed_.tv_sec} * 1000 + changed_.tv_nsec / 1'000'000;
}

bool SourceFile::changed() const {
    if (made_) return false;
    struct stat info {};
    return ::fstat(fd_, &info) != 0 || static_cast<uint64_t>(info.st_size) != size_ ||
           !isSame(info.st_mtim, changed_);
}

}  // namespace netchat::client

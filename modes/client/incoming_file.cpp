#include "modes/client/incoming_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <system_error>
#include <utility>

#include "modes/client/disk_write.h"
#include "modes/client/partial_file.h"
#include "modes/client/subfolder.h"
#include "modes/client/transfer.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

// How many numbered names are tried before a folder is given up.
constexpr unsigned kFileNumberMax = 100'000;
// What is hashed again in one call: well below a millisecond's work.
constexpr uint64_t kRehashBytes = 256 * 1024;
// What may be unwritten when a file is complete: more would hold everybody up for long.
constexpr uint64_t kSyncEveryBytes = 8 * 1024 * 1024;

Error writeFailure(int error, const std::string& what) {
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
bool moveNew(int fromFd, const char* from, int toFd, const char* to) {
    if (::renameat2(fromFd, from, toFd, to, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    // A file system without renameat2's flags; link() does not overwrite either.
    return ::linkat(fromFd, from, toFd, to, 0) == 0 && ::unlinkat(fromFd, from, 0) == 0;
}

// As it was at the sender's; never later than now, since that would mislead make and its like. A
// file system that keeps no times leaves it at that.
void setTime(int fd, std::optional<int64_t> mtimeMs) {
    if (!mtimeMs) return;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    // Before 1970 the part of a second counts on, too.
    const int64_t milli = (*mtimeMs % 1000 + 1000) % 1000;
    timespec changed{static_cast<time_t>(*mtimeMs / 1000 - (*mtimeMs % 1000 < 0 ? 1 : 0)),
                     static_cast<long>(milli * 1'000'000)};
    if (changed.tv_sec >= now.tv_sec) return;
    const timespec times[] = {{0, UTIME_OMIT}, changed};
    (void)::futimens(fd, times);
}

}  // namespace

IncomingFile::IncomingFile(const DownloadsFolder& folder, const Arriving& file)
    : folder_(folder),
      place_(folder.path),
      mtimeMs_(file.mtimeMs),
      name_(safeFileName(file.name)),
      size_(file.size) {
}

Result<std::unique_ptr<Incoming>> IncomingFile::create(const DownloadsFolder& folder,
                                                       const Arriving& arriving) {
    std::unique_ptr<IncomingFile> file(new IncomingFile(folder, arriving));
    if (folder.discard) return std::unique_ptr<Incoming>(std::move(file));
    auto status = file->openFolder();
    if (status) status = file->openTemporary(arriving.sha256);
    if (status) status = file->openPlace(arriving.folder);
    if (!status) return status.error();
    if (!arriving.sha256.empty()) file->same_.begin(file->name_, file->size_, arriving.sha256);
    return std::unique_ptr<Incoming>(std::move(file));
}

IncomingFile::~IncomingFile() {
    // Removed before it is closed: who opens it meanwhile finds it locked.
    const bool stays = kept_ && received_ > 0;
    if (!temporary_.empty() && !stays) ::unlinkat(folderFd_, temporary_.c_str(), 0);
    if (fd_ >= 0) ::close(fd_);
    if (placeFd_ >= 0) ::close(placeFd_);
    if (folderFd_ >= 0) ::close(folderFd_);
}

Status IncomingFile::openFolder() {
    if (folder_.path.empty()) return Error{ErrorCode::BadState, std::string(kNoFolderText)};
    std::error_code made;
    std::filesystem::create_directories(folder_.path, made);
    folderFd_ = ::open(folder_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folderFd_ >= 0) return Ok{};
    return writeFailure(made ? made.value() : errno,
                        "cannot use the downloads folder " + forLog(folder_.path.native(), 200));
}

// The unfinished file stays in the folder itself, where the next run looks for it.
Status IncomingFile::openPlace(std::string_view folder) {
    auto place = openSubfolder(folderFd_, folder);
    if (!place) return place.error();
    placeFd_ = place->fd;
    place_ /= place->path;
    return Ok{};
}

Status IncomingFile::openTemporary(std::string_view sha256) {
    auto partial = openPartial(folderFd_, sha256);
    if (!partial) {
        return Error{partial.error().code, "cannot write into " +
                                               forLog(folder_.path.native(), 200) + ": " +
                                               partial.error().text};
    }
    fd_ = partial->fd;
    temporary_ = partial->name;
    kept_ = partial->kept;
    received_ = partial->size;
    if (received_ > size_) startAnew();
    return Ok{};
}

void IncomingFile::startAnew() {
    received_ = hashed_ = synced_ = 0;
    hash_.hex();
    // Where this fails the bytes are wrong in the end, and the hash says so.
    if (::ftruncate(fd_, 0) != 0) kept_ = false;
}

// True: there is more to be hashed. What is found counts as received.
bool IncomingFile::lookForSame() {
    if (same_.advance(placeFd_)) return true;
    if (same_.found().empty()) return false;
    forget();
    received_ = hashed_ = size_;
    return false;
}

bool IncomingFile::rehash() {
    if (lookForSame()) return true;
    if (hashed_ == received_) return false;
    char buffer[kRehashBytes];
    const size_t size = std::min<uint64_t>(sizeof(buffer), received_ - hashed_);
    const ssize_t n = ::pread(fd_, buffer, size, static_cast<off_t>(hashed_));
    if (n <= 0) {
        startAnew();
        return false;
    }
    hash_.update({buffer, static_cast<size_t>(n)});
    hashed_ += static_cast<uint64_t>(n);
    return hashed_ < received_;
}

Status IncomingFile::write(std::string_view bytes) {
    if (bytes.size() > size_ - received_) {
        return Error{ErrorCode::BadHash, "received more bytes than announced"};
    }
    hash_.update(bytes);
    hashed_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t n =
            fd_ < 0 ? static_cast<ssize_t>(bytes.size()) : writeOrSkip(fd_, bytes, received_);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return stopped(errno);
        received_ += static_cast<uint64_t>(n);
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    if (fd_ >= 0 && received_ - synced_ >= kSyncEveryBytes) {
        beginSync(fd_, std::exchange(synced_, received_), received_);
    }
    return Ok{};
}

// Whoever needs the room is told where it went.
Error IncomingFile::stopped(int error) const {
    Error why = writeFailure(error, "cannot write " + forLog(name_));
    if (kept_ && received_ > 0) {
        why.text += "; the part received so far is kept in " +
                    forLog((folder_.path / temporary_).native(), 300);
    }
    return why;
}

Result<Incoming::Placed> IncomingFile::place(std::string_view sha256) {
    const bool kept = std::exchange(kept_, false);
    if (!same_.found().empty()) {
        return Placed{(place_ / same_.found()).native(), same_.sha256(), true};
    }
    Placed placed{{}, hash_.hex()};
    if (received_ != size_) {
        return Error{ErrorCode::BadHash, "received only " + std::to_string(received_) + " of " +
                                             std::to_string(size_) + " bytes"};
    }
    if (!sha256.empty() && placed.sha256 != sha256) {
        return Error{ErrorCode::BadHash, "the received file does not match its SHA-256"};
    }
    if (folder_.discard) return placed;
    auto name = moveIntoPlace(placed.wasThere);
    if (!name) {
        // It is as new as ever for who removes old ones.
        kept_ = kept;
        if (fd_ >= 0) (void)::futimens(fd_, nullptr);
        return name.error();
    }
    placed.path = (place_ / *name).native();
    return placed;
}

// `wasThere`: it stays where it is, since the name that is given back has these bytes.
Result<std::string> IncomingFile::moveIntoPlace(bool& wasThere) {
    static const mode_t mode = 0644 & ~processUmask();
    if (::fchmod(fd_, mode) != 0)
        return writeFailure(errno, "cannot set the mode of " + forLog(name_));
    setTime(fd_, mtimeMs_);
    if (!syncFile(fd_)) return writeFailure(errno, "cannot write " + forLog(name_));
    // An error of the disk may be told only by closing; the lock is to last beyond that.
    const int lock = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
    if (lock < 0 || ::close(std::exchange(fd_, lock)) != 0)
        return writeFailure(errno, "cannot write " + forLog(name_));
    for (unsigned number = 1; number <= kFileNumberMax; ++number) {
        std::string name = number == 1 ? name_ : numberedFileName(name_, number);
        if (moveNew(folderFd_, temporary_.c_str(), placeFd_, name.c_str())) {
            temporary_.clear();
            if (!syncFolder(placeFd_)) return writeFailure(errno, "cannot place " + forLog(name));
            return name;
        }
        if (errno != EEXIST) return writeFailure(errno, "cannot place " + forLog(name));
        wasThere = number <= SameFile::kNamesMax && haveSameBytes(placeFd_, name, fd_, size_);
        if (wasThere) return name;
    }
    return writeFailure(EEXIST, "cannot place " + forLog(name_));
}

}  // namespace netchat::client

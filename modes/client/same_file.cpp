#include "modes/client/same_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::client {

namespace {

// What is read in one call: well below a millisecond's work.
constexpr uint64_t kSliceBytes = 256 * limits::kKiB;
constexpr uint64_t kComparedBytesMax = 256 * limits::kMiB;

// A regular file of this user's with this size, or -1.
int openOwn(int folderFd, const std::string& name, uint64_t size) {
    const int fd = ::openat(folderFd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -1;
    struct stat info {};
    const bool fits = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                      info.st_uid == ::geteuid() && static_cast<uint64_t>(info.st_size) == size;
    if (fits) return fd;
    ::close(fd);
    return -1;
}

bool isTaken(int folderFd, const std::string& name) {
    struct stat info {};
    return ::fstatat(folderFd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// All of the slice, or false.
bool readAt(int fd, uint64_t offset, char* out, size_t size) {
    for (size_t got = 0; got < size;) {
        const ssize_t n = ::pread(fd, out + got, size - got, static_cast<off_t>(offset + got));
        if (n <= 0) return false;
        got += static_cast<size_t>(n);
    }
    return true;
}

}  // namespace

SameFile::~SameFile() {
    close();
}

void SameFile::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void SameFile::begin(std::string name, uint64_t size, std::string_view sha256) {
    name_ = std::move(name);
    size_ = size;
    sha256_ = sha256;
    number_ = 0;
}

// False: there is no other name to look at.
bool SameFile::openNext(int folderFd) {
    while (number_ < kNamesMax) {
        ++number_;
        current_ = number_ == 1 ? name_ : numberedFileName(name_, number_);
        fd_ = openOwn(folderFd, current_, size_);
        hashed_ = 0;
        hash_.hex();  // begins anew
        if (fd_ >= 0) return true;
        if (!isTaken(folderFd, current_)) number_ = kNamesMax;
    }
    return false;
}

bool SameFile::advance(int folderFd) {
    if (!found_.empty()) return false;
    if (fd_ < 0 && !openNext(folderFd)) return false;
    std::vector<char> slice(std::min<uint64_t>(kSliceBytes, size_ - hashed_));
    if (!readAt(fd_, hashed_, slice.data(), slice.size())) {
        close();
        return true;
    }
    hash_.update({slice.data(), slice.size()});
    hashed_ += slice.size();
    if (hashed_ < size_) return true;
    if (hash_.hex() == sha256_) found_ = current_;
    close();
    return found_.empty();
}

bool haveSameBytes(int folderFd, const std::string& name, int fd, uint64_t size) {
    if (size > kComparedBytesMax) return false;
    const int other = openOwn(folderFd, name, size);
    if (other < 0) return false;
    std::vector<char> ours(kSliceBytes), theirs(kSliceBytes);
    bool same = true;
    for (uint64_t at = 0; same && at < size; at += kSliceBytes) {
        const size_t part = std::min(kSliceBytes, size - at);
        same = readAt(fd, at, ours.data(), part) && readAt(other, at, theirs.data(), part) &&
               std::memcmp(ours.data(), theirs.data(), part) == 0;
    }
    ::close(other);
    return same;
}

}  // namespace netchat::client

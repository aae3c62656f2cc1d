#include "modes/store/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol/size_text.h"

namespace netchat::store {

std::unique_ptr<Reserve> Reserve::open(const std::filesystem::path& folder, Tell tell,
                                       uint64_t bytes) {
    const auto file = folder / "reserve";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    const int error = fd < 0 ? errno : 0;
    // A small disk is not there for this.
    struct statvfs disk {};
    if (fd >= 0 && ::fstatvfs(fd, &disk) == 0) {
        const auto size = static_cast<uint64_t>(disk.f_blocks) * disk.f_frsize;
        bytes = std::clamp<uint64_t>(size / 16, 256 * limits::kKiB, bytes);
    }
    return std::unique_ptr<Reserve>(new Reserve(fd, error, folder, std::move(tell), bytes));
}

Reserve::Reserve(int fd, int error, std::filesystem::path folder, Tell tell, uint64_t bytes)
    : fd_(fd), folder_(std::move(folder)), tell_(std::move(tell)), wanted_(bytes), error_(error) {
    struct stat info {};
    // A file that is longer than what it has of the disk holds nothing.
    if (fd_ >= 0 && ::fstat(fd_, &info) == 0) {
        const auto allocated = static_cast<uint64_t>(info.st_blocks) * 512;
        held_ = std::min(static_cast<uint64_t>(info.st_size), allocated);
    }
    if (held_ > wanted_) cutTo(wanted_);
}

Reserve::~Reserve() {
    if (fd_ >= 0) ::close(fd_);
}

uint64_t Reserve::bytes() const {
    const MutexLock lock(mutex_);
    return held_;
}

bool Reserve::isFull() const {
    const MutexLock lock(mutex_);
    return full_;
}

// Not as posix_fallocate() in itself: what it has got before it fails is given back.
bool Reserve::allocate(uint64_t bytes) {
    if (fd_ < 0) return false;
    int error = EINTR;
    while (error == EINTR) {
        error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
    }
    error_ = error;
    if (error != 0) {
        (void)!::ftruncate(fd_, static_cast<off_t>(held_));
        return false;
    }
    held_ = bytes;
    return true;
}

void Reserve::cutTo(uint64_t bytes) {
    if (fd_ >= 0 && ::ftruncate(fd_, static_cast<off_t>(bytes)) == 0) held_ = bytes;
}

void Reserve::giveUp(uint64_t bytes, For what) {
    const MutexLock lock(mutex_);
    fullLocked();
    const uint64_t kept = what == For::Sanction ? 0 : wanted_ / 2;
    if (held_ > kept) cutTo(held_ - std::min(held_ - kept, bytes));
}

bool Reserve::lend(uint64_t bytes, const std::function<void()>& work) {
    {
        const MutexLock lock(mutex_);
        const uint64_t free = freeBytes();
        const uint64_t missing = bytes - std::min(bytes, free);
        if (missing > held_) return false;
        if (missing > 0) cutTo(held_ - missing);
    }
    work();
    refill();
    return true;
}

// What this process may still write, about.
uint64_t Reserve::freeBytes() const {
    struct statvfs disk {};
    if (::statvfs(folder_.c_str(), &disk) != 0) return 0;
    const auto blocks = ::geteuid() == 0 ? disk.f_bfree : disk.f_bavail;
    return static_cast<uint64_t>(blocks) * disk.f_frsize;
}

void Reserve::giveUpToStart() {
    const MutexLock lock(mutex_);
    const uint64_t before = held_;
    if (allocate(held_ + kMargin)) return cutTo(before);
    if (lacksRoom()) {
        fullLocked();
        return cutTo(0);
    }
    if (!tell_) return;
    tell_("cannot reserve space for operators in case the disk is full: " +
          (folder_ / "reserve").string() + ": " + std::generic_category().message(error_));
}

void Reserve::noteFull() {
    const MutexLock lock(mutex_);
    fullLocked();
}

void Reserve::fullLocked() {
    if (std::exchange(full_, true) || !tell_) return;
    tell_("the disk with " + folder_.string() +
          " is full: messages are refused until it has space again; bans and mutes are still "
          "stored, in a reserve of " +
          sizeText(held_));
}

bool Reserve::endFull() {
    if (std::exchange(full_, false) && tell_) {
        tell_("the disk with " + folder_.string() + " has space again");
    }
    return true;
}

// Why it was not allocated.
bool Reserve::lacksRoom() const {
    return error_ == ENOSPC || error_ == EDQUOT;
}

bool Reserve::refill() {
    const MutexLock lock(mutex_);
    return refillLocked();
}

bool Reserve::refillLocked() {
    if (held_ == wanted_ && !full_) return true;
    if (allocate(wanted_ + kMargin)) {
        cutTo(wanted_);
        return endFull();
    }
    // It cannot be held at all: it is no file, or the process may not write so long a one.
    if (!lacksRoom()) return full_ && freeBytes() < kMargin ? false : endFull();
    // As much as there is, by halves of what is missing: what is left over would be used up by
    // others. A disk that is not full stays so.
    const uint64_t margin = full_ ? 0 : kMargin;
    for (uint64_t more = wanted_ - std::min(held_, wanted_); more >= 4 * limits::kKiB; more /= 2) {
        const uint64_t target = held_ + more;
        if (target <= wanted_ && allocate(target + margin)) cutTo(target);
    }
    return !full_;
}

}  // namespace netchat::store

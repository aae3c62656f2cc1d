#include "modes/client/disk_write.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace netchat::client {

namespace {

// What common file systems have as a block: less would make no hole.
constexpr size_t kBlockBytes = 4096;

bool isBlockOfZeros(std::string_view bytes) {
    return bytes.size() >= kBlockBytes && bytes[0] == '\0' &&
           std::memcmp(bytes.data(), bytes.data() + 1, kBlockBytes - 1) == 0;
}

// Bytes up to the next place where a block begins.
size_t toNextBlock(uint64_t offset) {
    return kBlockBytes - static_cast<size_t>(offset % kBlockBytes);
}

// How many of the bytes come before the first block of zeros.
size_t dataBytes(std::string_view bytes, uint64_t offset) {
    size_t size = std::min(bytes.size(), offset % kBlockBytes == 0 ? 0 : toNextBlock(offset));
    while (size < bytes.size() && !isBlockOfZeros(bytes.substr(size))) {
        size = std::min(bytes.size(), size + kBlockBytes);
    }
    return size;
}

}  // namespace

ssize_t writeOrSkip(int fd, std::string_view bytes, uint64_t offset) {
    if (const size_t size = dataBytes(bytes, offset); size > 0) {
        return ::pwrite(fd, bytes.data(), size, static_cast<off_t>(offset));
    }
    size_t zeros = 0;
    while (isBlockOfZeros(bytes.substr(zeros))) zeros += kBlockBytes;
    const bool extended = ::ftruncate(fd, static_cast<off_t>(offset + zeros)) == 0;
    return extended ? static_cast<ssize_t>(zeros) : -1;
}

void beginSync(int fd, uint64_t from, uint64_t to) {
    (void)::sync_file_range(fd, static_cast<off64_t>(from), static_cast<off64_t>(to - from),
                            SYNC_FILE_RANGE_WRITE);
}

bool syncFile(int fd) {
    while (::fsync(fd) != 0) {
        if (errno != EINTR) return false;
    }
    return true;
}

bool syncFolder(int fd) {
    return syncFile(fd) || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
}

}  // namespace netchat::client

#include "modes/client/small_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "modes/client/disk_write.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

namespace fs = std::filesystem;

template <class Write>
bool writeInParts(std::string_view bytes, Write write) {
    while (!bytes.empty()) {
        const ssize_t n = write(bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

Error fileFailure(const fs::path& file, int error) {
    return {ErrorCode::Internal, "cannot use " + forLog(file.native(), 300) + ": " +
                                     std::generic_category().message(error)};
}

// Closes and removes what came to nothing; errno stays.
int givenUp(int fd, const fs::path& aside) {
    const int error = errno;
    ::close(fd);
    ::unlink(aside.c_str());
    errno = error;
    return -1;
}

int replaced(const fs::path& file, std::string_view text, mode_t mode, int flags, Sync sync) {
    fs::path aside = file;
    aside += ".new";
    ::unlink(aside.c_str());
    const int fd =
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | flags, mode);
    if (fd < 0) return -1;
    const bool kept = writeAll(fd, text) && (sync == Sync::No || ::fsync(fd) == 0) &&
                      ::rename(aside.c_str(), file.c_str()) == 0;
    if (!kept) return givenUp(fd, aside);
    if (sync == Sync::Yes) syncNameOf(file);
    return fd;
}

}  // namespace

bool writeAll(int fd, std::string_view bytes) {
    return writeInParts(
        bytes, [fd](std::string_view rest) { return ::write(fd, rest.data(), rest.size()); });
}

bool writeAll(int fd, std::string_view bytes, off_t offset) {
    const char* const begin = bytes.data();
    return writeInParts(bytes, [&](std::string_view rest) {
        return ::pwrite(fd, rest.data(), rest.size(), offset + (rest.data() - begin));
    });
}

bool readAll(int fd, size_t bytesMax, std::string& text) {
    text.clear();
    for (char part[16384];;) {
        const ssize_t n = ::read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n == 0;
        text.append(part, static_cast<size_t>(n));
        if (text.size() <= bytesMax) continue;
        errno = EFBIG;
        return false;
    }
}

void syncNameOf(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)syncFolder(fd);
    ::close(fd);
}

Result<std::string> readSmallFile(const fs::path& file, size_t bytesMax) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) return std::string();
    if (fd < 0) return fileFailure(file, errno);
    std::string text;
    const int error = readAll(fd, bytesMax, text) ? 0 : errno;
    ::close(fd);
    if (error != 0) return fileFailure(file, error);
    return text;
}

Status replaceFile(const fs::path& file, std::string_view text, mode_t mode, Sync sync) {
    const int fd = replaced(file, text, mode, 0, sync);
    if (fd < 0) return fileFailure(file, errno);
    ::close(fd);
    return Ok{};
}

int replaceAndOpen(const fs::path& file, std::string_view text, int flags, Sync sync) {
    return replaced(file, text, 0600, flags, sync);
}

}  // namespace netchat::client

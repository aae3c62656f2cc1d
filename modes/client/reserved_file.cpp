#include "modes/client/reserved_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "modes/client/disk_write.h"
#include "modes/client/small_file.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

namespace fs = std::filesystem;

Error folderFailure(const fs::path& folder, const std::error_code& error) {
    return {ErrorCode::Internal, "the folder " + forLog(folder.native(), 300) +
                                     " cannot be written: " + error.message()};
}

std::error_code lastError() {
    return {errno, std::generic_category()};
}

// The topmost one of its parents that is not there yet, or itself; empty where all are there.
fs::path topmostMissing(const fs::path& folder) {
    std::error_code ignored;
    fs::path missing;
    for (fs::path at = folder; !at.empty() && !fs::exists(at, ignored); at = at.parent_path()) {
        missing = at;
        if (!at.has_parent_path() || at == at.parent_path()) break;
    }
    return missing;
}

bool fill(const fs::path& aside) {
    ::unlink(aside.c_str());
    const int fd =
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    // Some file systems say only here that there is no room.
    const bool filled = writeAll(fd, std::string(ReservedFile::kBytes, '\0'));
    const int error = errno;
    const bool closed = ::close(fd) == 0;
    if (!filled) errno = error;
    return filled && closed;
}

}  // namespace

ReservedFile::ReservedFile(ReservedFile&& other) noexcept
    : file_(std::exchange(other.file_, {})),
      aside_(std::exchange(other.aside_, {})),
      madeFrom_(std::exchange(other.madeFrom_, {})) {
}

ReservedFile::~ReservedFile() {
    if (!aside_.empty()) ::unlink(aside_.c_str());
    if (madeFrom_.empty()) return;
    // What has anything in it stays.
    std::error_code error;
    for (fs::path folder = file_.parent_path();; folder = folder.parent_path()) {
        if (!fs::remove(folder, error) || folder == madeFrom_) return;
    }
}

Result<ReservedFile> ReservedFile::of(const fs::path& file) {
    ReservedFile reserved(file);
    const fs::path folder = file.parent_path();
    std::error_code error;
    const fs::path missing = topmostMissing(folder);
    const bool made = fs::create_directories(folder, error);
    if (error) return folderFailure(folder, error);
    if (!made) return reserved;
    reserved.madeFrom_ = missing;
    fs::permissions(folder, fs::perms::owner_all, error);
    return reserved;
}

Status ReservedFile::take() {
    aside_ = file_;
    aside_ += ".new";
    if (fill(aside_)) return Ok{};
    return folderFailure(file_.parent_path(), lastError());
}

int ReservedFile::put(std::string_view text) {
    const fs::path aside = std::exchange(aside_, {});
    const int fd = ::open(aside.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    // Over the zeros: the room is taken already.
    const bool kept = fd >= 0 && writeAll(fd, text, 0) &&
                      ::ftruncate(fd, static_cast<off_t>(text.size())) == 0 && syncFile(fd) &&
                      ::rename(aside.c_str(), file_.c_str()) == 0;
    if (kept) return syncNameOf(file_), fd;
    const int error = errno;
    if (fd >= 0) ::close(fd);
    ::unlink(aside.c_str());
    errno = error;
    return -1;
}

}  // namespace netchat::client

#include "modes/serve/moderation/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "protocol/time_text.h"
#include "protocol/utf8.h"

namespace netchat::serve {

namespace {

// A value is cut here: whoever is no operator chooses some of them.
constexpr size_t kValueBytesMax = 2048;

void appendEscaped(std::string& out, std::string_view bytes) {
    for (const char c : bytes) {
        char text[8];
        std::snprintf(text, sizeof text, "\\x%02X", static_cast<unsigned char>(c));
        out += text;
    }
}

void appendValue(std::string& out, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    out += '\t';
    out.append(label).append(":");
    const bool whole = value.size() <= kValueBytesMax;
    std::string_view rest = value.substr(0, kValueBytesMax);
    while (!rest.empty()) {
        const std::string_view before = rest;
        const char32_t c = utf8::next(rest);
        const auto bytes = before.substr(0, before.size() - rest.size());
        if (c == '\\') {
            out += "\\\\";
        } else if (c == utf8::kInvalid || utf8::isControl(c) || utf8::isInvisible(c)) {
            appendEscaped(out, bytes);
        } else {
            out += bytes;
        }
    }
    if (!whole) out += "…";
}

int openAt(const std::filesystem::path& file) {
    return ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

Error cannotOpen(const std::filesystem::path& file) {
    return {ErrorCode::Internal, "the audit log " + file.string() + " cannot be opened: " +
                                     std::generic_category().message(errno)};
}

}  // namespace

std::string auditText(const AuditLine& line) {
    std::string out = "time:" + isoTime(line.timeMs).str();
    appendValue(out, "by", line.by);
    appendValue(out, "act", line.act);
    appendValue(out, "target", line.target);
    appendValue(out, "detail", line.detail);
    appendValue(out, "text", line.text);
    return out + "\n";
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::filesystem::path& file,
                                                 uint64_t bytesMax) {
    const int fd = openAt(file);
    if (fd >= 0) return std::unique_ptr<AuditLog>(new AuditLog(fd, file, bytesMax));
    return cannotOpen(file);
}

AuditLog::~AuditLog() {
    ::close(fd_);
}

// An operator may rename the log, or a program that rotates logs. A file without a name would take
// the lines and lose them.
Status AuditLog::reopenIfMoved() {
    struct stat ours {
    }, named{};
    const bool same = ::fstat(fd_, &ours) == 0 && ::lstat(file_.c_str(), &named) == 0 &&
                      ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
    if (same) return Ok{};
    const int fd = openAt(file_);
    if (fd < 0) return cannotOpen(file_);
    ::close(std::exchange(fd_, fd));
    cut_ = false;
    return Ok{};
}

// Where the next file cannot be made this one goes on: no line is lost for the sake of a bound.
void AuditLog::rotateIfFull() {
    struct stat ours {};
    if (::fstat(fd_, &ours) != 0 || static_cast<uint64_t>(ours.st_size) < bytesMax_) return;
    const std::string name = file_.string(), next = name + ".new";
    ::unlink(next.c_str());  // of an attempt that was cut
    const int fd = openAt(next);
    if (fd < 0) return;
    const auto older = [&name](int n) { return n == 0 ? name : name + "." + std::to_string(n); };
    for (int n = kOlderFiles; n > 0; --n) ::rename(older(n - 1).c_str(), older(n).c_str());
    ::rename(next.c_str(), name.c_str());
    ::close(std::exchange(fd_, fd));
    cut_ = false;
}

Status AuditLog::add(const AuditLine& line) {
    if (auto status = reopenIfMoved(); !status) return status;
    rotateIfFull();
    const std::string text = (cut_ ? "\n" : "") + auditText(line);
    errno = 0;
    const ssize_t written = ::write(fd_, text.data(), text.size());
    cut_ = cut_ || (written > 0 && static_cast<size_t>(written) < text.size());
    if (written == static_cast<ssize_t>(text.size()) && ::fdatasync(fd_) == 0) {
        cut_ = false;
        return Ok{};
    }
    // Half a line, too: the rest had no room.
    const bool full = errno == ENOSPC || errno == EDQUOT || (written >= 0 && errno == 0);
    return Error{full ? ErrorCode::NoRoom : ErrorCode::Internal,
                 "the audit log " + file_.string() + " cannot be written, so nothing was done"};
}

}  // namespace netchat::serve

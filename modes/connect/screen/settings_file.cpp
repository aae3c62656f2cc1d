#include "modes/connect/screen/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

namespace fs = std::filesystem;

constexpr size_t kFileBytesMax = 1 * limits::kMiB;  // as a configuration may have

std::string_view trimmed(std::string_view text) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

// With its newline.
std::string_view takeLine(std::string_view& text) {
    const size_t end = text.find('\n');
    const size_t size = end == std::string_view::npos ? text.size() : end + 1;
    const auto line = text.substr(0, size);
    text.remove_prefix(size);
    return line;
}

bool isSetting(std::string_view line, std::string_view name) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == '!') return false;
    return trimmed(content.substr(0, content.find_first_of("=:"))) == name;
}

std::string lineOf(std::string_view name, const std::string& value) {
    std::string line = std::string(name) + " = ";
    for (const char c : value) line += c == '\\' ? "\\\\" : std::string(1, c);
    return line + "\n";
}

Error failure(const fs::path& file, int error) {
    return {ErrorCode::Internal, "cannot use " + forLog(file.native(), 300) + ": " +
                                     std::generic_category().message(error)};
}

bool writeAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

}  // namespace

std::string withSetting(std::string_view text, std::string_view name,
                        const std::optional<std::string>& value) {
    std::string result;
    bool there = false, replaced = false;
    for (bool goesOn = false; !text.empty();) {
        const std::string_view line = takeLine(text);
        const bool belongsToLast = goesOn;
        goesOn = trimmed(line).ends_with('\\');
        if (!belongsToLast) there = isSetting(line, name);
        if (!there) {
            result += line;
        } else if (value && !std::exchange(replaced, true)) {
            result += lineOf(name, *value);
        }
    }
    if (!value || replaced) return result;
    if (!result.empty() && !result.ends_with('\n')) result += '\n';
    return result + lineOf(name, *value);
}

Result<std::string> readSmallFile(const fs::path& file, size_t bytesMax) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) return std::string();
    if (fd < 0) return failure(file, errno);
    std::string text;
    int error = 0;
    for (char part[16384]; text.size() <= bytesMax;) {
        const ssize_t n = ::read(fd, part, sizeof part);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) error = errno;
        if (n <= 0) break;
        text.append(part, static_cast<size_t>(n));
    }
    ::close(fd);
    if (error == 0 && text.size() > bytesMax) error = EFBIG;
    if (error != 0) return failure(file, error);
    return text;
}

Status replaceFile(const fs::path& file, std::string_view text, unsigned mode, Sync sync) {
    fs::path aside = file;
    aside += ".new";
    ::unlink(aside.c_str());
    const int fd =
        ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return failure(file, errno);
    const bool written = writeAll(fd, text) && (sync == Sync::No || ::fsync(fd) == 0);
    int error = written ? 0 : errno;
    ::close(fd);
    if (written && ::rename(aside.c_str(), file.c_str()) != 0) error = errno;
    if (error == 0) return Ok{};
    ::unlink(aside.c_str());
    return failure(file, error);
}

Status keepSetting(const fs::path& file, std::string_view name,
                   const std::optional<std::string>& value) {
    if (name.find_first_of("=:") != std::string_view::npos) {
        return Error{ErrorCode::BadText, "a key called '=' or ':' cannot be kept in a file"};
    }
    std::error_code error;
    fs::path real = file;
    if (fs::is_symlink(file, error)) {
        real = fs::weakly_canonical(file, error);
        if (error) return failure(file, error.value());
    }
    auto text = readSmallFile(real, kFileBytesMax);
    if (!text) return text.error();
    const fs::path folder = real.parent_path();
    if (!folder.empty() && fs::create_directories(folder, error)) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    struct stat known {};
    const unsigned mode = ::stat(real.c_str(), &known) == 0 ? known.st_mode & 0777U : 0600;
    return replaceFile(real, withSetting(*text, name, value), mode);
}

}  // namespace netchat::connect

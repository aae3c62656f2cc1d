#include "modes/net/file_text.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "modes/descriptor.h"
#include "modes/net/clock.h"
#include "protocol/size_text.h"

namespace netchat::net {

namespace {

constexpr int64_t kPatienceMs = 30'000;
constexpr int kLookMs = 100;

Error reason(const std::string& text) {
    return Error{ErrorCode::Internal, text};
}

Error systemReason(int error) {
    return reason(std::generic_category().message(error));
}

bool isToEnd() {
    sigset_t waiting;
    sigemptyset(&waiting);
    return ::sigpending(&waiting) == 0 &&
           (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

// False: there is nothing to be read in time. A regular file is ready at once.
bool waitUntilReadable(int fd, int64_t deadlineMs) {
    pollfd one{fd, POLLIN, 0};
    while (monotonicMs() < deadlineMs && !isToEnd()) {
        if (::poll(&one, 1, kLookMs) > 0) return true;
    }
    return false;
}

Result<std::string> readUntil(const std::filesystem::path& path, size_t bytesMax, bool line) {
    // A pipe that nobody writes to would not open otherwise.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) return systemReason(errno);
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return systemReason(errno);
    if (S_ISDIR(info.st_mode)) return reason("it is not a regular file");
    const int64_t deadlineMs = monotonicMs() + kPatienceMs;
    std::string text;
    std::array<char, 16384> buffer{};
    for (;;) {
        if (!waitUntilReadable(file.get(), deadlineMs)) {
            return reason("reading it took too long; it is a pipe or device, not a file");
        }
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return systemReason(errno);
        const char* const begin = buffer.data();
        const char* const end = begin + got;
        const char* const stop = line ? std::find(begin, end, '\n') : end;
        text.append(begin, stop);
        if (text.size() > bytesMax) return reason("it is larger than " + sizeText(bytesMax));
        if (got == 0 || stop != end) return text;
    }
}

}  // namespace

Result<std::string> readFileText(const std::filesystem::path& file, size_t bytesMax) {
    return readUntil(file, bytesMax, false);
}

Result<std::string> readFirstLine(const std::filesystem::path& file, size_t bytesMax) {
    return readUntil(file, bytesMax, true);
}

}  // namespace netchat::net

#include "modes/client/line_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

namespace netchat::client {

namespace {

// Whether a file that is appended to ends in the middle of a line. What cannot be read is taken for
// whole.
bool endsTorn(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) return false;
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_APPEND) == 0) return false;
    // The descriptor itself is open for writing only.
    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    const int reader = ::open(self.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reader < 0) return false;
    char last = '\n';
    const ssize_t got = ::pread(reader, &last, 1, info.st_size - 1);
    ::close(reader);
    return got == 1 && last != '\n';
}

}  // namespace

LineOutput::State LineOutput::write(std::string_view bytes) {
    if (bytes.empty()) return state_;
    if (!began_) {
        began_ = true;
        if (endsTorn(fd_)) put("\n");
    }
    put(bytes);
    return state_;
}

void LineOutput::put(std::string_view left) {
    while (!left.empty() && state_ == State::Open) {
        // What can be written takes a small piece of it without blocking.
        if (wait_ && !wait_->untilWritable(fd_)) {
            state_ = State::Stuck;
            reason_ = "nobody reads the output";
            return;
        }
        const size_t most = wait_ ? PIPE_BUF : left.size();
        const ssize_t size = ::write(fd_, left.data(), std::min(left.size(), most));
        if (size > 0) left.remove_prefix(static_cast<size_t>(size));
        if (size >= 0 || errno == EINTR) continue;
        if (errno == EAGAIN && wait_) continue;
        if (errno == EAGAIN) {
            // Somebody else made the descriptor non-blocking; it is shared.
            pollfd room{fd_, POLLOUT, 0};
            ::poll(&room, 1, -1);
            continue;
        }
        state_ = errno == EPIPE ? State::Closed : State::Failed;
        reason_ = std::generic_category().message(errno);
    }
}

}  // namespace netchat::client

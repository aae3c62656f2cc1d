#include "modes/connect/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "protocol/limits.h"

namespace netchat::connect {

namespace {

constexpr size_t kPendingBytesMax = 64 * limits::kKiB;

}  // namespace

void Output::line(std::string_view text) {
    pending_.append(text).push_back('\n');
    if (pending_.size() > kPendingBytesMax) flush();
}

void Output::text(std::string_view text) {
    pending_.append(text);
}

Sight Output::flush() {
    std::string_view left = pending_;
    while (!left.empty() && sight_ == Sight::Open) {
        const ssize_t put = ::write(fd_, left.data(), left.size());
        if (put > 0) left.remove_prefix(static_cast<size_t>(put));
        if (put < 0 && errno == EAGAIN) {
            // Somebody else made the descriptor non-blocking; it is shared.
            pollfd room{fd_, POLLOUT, 0};
            ::poll(&room, 1, -1);
        } else if (put < 0 && errno != EINTR) {
            sight_ = errno == EPIPE ? Sight::Closed : Sight::Failed;
        }
    }
    pending_.clear();
    return sight_;
}

}  // namespace netchat::connect

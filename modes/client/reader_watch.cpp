#include "modes/client/reader_watch.h"

#include <system_error>
#include <utility>

namespace netchat::client {

ReaderWatch::ReaderWatch(net::EventLoop& loop, int fd, std::function<void()> gone)
    : loop_(loop), fd_(fd), gone_(std::move(gone)) {
    try {
        loop_.watch(fd_, 0, *this);  // errors and hang-ups are told unasked
        watching_ = true;
    } catch (const std::system_error&) {
        // EPERM: a file, or a device such as /dev/null, which nobody leaves.
    }
}

ReaderWatch::~ReaderWatch() {
    stop();
}

void ReaderWatch::stop() {
    if (std::exchange(watching_, false)) loop_.unwatch(fd_);
}

void ReaderWatch::onReady(uint32_t) {
    stop();
    const auto gone = std::move(gone_);
    gone();
}

}  // namespace netchat::client

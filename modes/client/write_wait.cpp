#include "modes/client/write_wait.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "modes/net/clock.h"

namespace netchat::client {

namespace {

constexpr int64_t kLastMs = 200;  // of a reader, once something urgent has come
constexpr int64_t kPollMsMax = 60'000;

}  // namespace

void WriteWait::endAt(int64_t ms) {
    endMs_ = std::min(endMs_, ms);
}

bool WriteWait::untilWritable(int fd) {
    for (;;) {
        const int other = meanwhile_.fd ? meanwhile_.fd() : -1;
        std::array<pollfd, 3> all{pollfd{fd, POLLOUT, 0}, pollfd{urgent_.fd, POLLIN, 0},
                                  pollfd{other, POLLIN, 0}};
        const int64_t leftMs =
            endMs_ == kNever ? kPollMsMax
                             : std::clamp<int64_t>(endMs_ - net::monotonicMs(), 0, kPollMsMax);
        const int ready = ::poll(all.data(), all.size(), static_cast<int>(leftMs));
        if (ready < 0 && errno != EINTR) return true;  // writing tells what is wrong
        if (ready < 0) continue;
        if (all[1].revents != 0) {
            endAt(net::monotonicMs() + kLastMs);
            urgent_.take();
        }
        if (all[0].revents != 0) return true;
        if (all[2].revents != 0) meanwhile_.read();
        if (endMs_ != kNever && net::monotonicMs() >= endMs_) return false;
    }
}

}  // namespace netchat::client

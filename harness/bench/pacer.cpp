#include "harness/bench/pacer.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace netchat::harness {

Pacer::Pacer(net::EventLoop& loop, std::function<void()> due)
    : loop_(loop), due_(std::move(due)), fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    loop_.watch(fd_, EPOLLIN, *this);
}

Pacer::~Pacer() {
    loop_.unwatch(fd_);
    close(fd_);
}

void Pacer::callAt(int64_t ns) {
    constexpr int64_t kNsPerSecond = 1'000'000'000;
    const int64_t at = std::max<int64_t>(ns, 1);  // 0 would mean never
    itimerspec when{};
    when.it_value.tv_sec = at / kNsPerSecond;
    when.it_value.tv_nsec = at % kNsPerSecond;
    timerfd_settime(fd_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Pacer::onReady(uint32_t) {
    uint64_t times = 0;
    if (read(fd_, &times, sizeof times) == static_cast<ssize_t>(sizeof times)) due_();
}

}  // namespace netchat::harness

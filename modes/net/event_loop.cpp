#include "modes/net/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <limits>
#include <system_error>

#include "modes/net/clock.h"

namespace netchat::net {

namespace {

constexpr size_t kReadBufferBytes = size_t{256} * 1024;
constexpr size_t kEventsPerTurn = 512;

uint64_t tag(int fd, uint32_t generation) {
    return uint64_t{generation} << 32 | static_cast<uint32_t>(fd);
}

[[noreturn]] void throwErrno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void control(int epollFd, int operation, int fd, uint32_t events, uint32_t generation) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag(fd, generation);
    if (epoll_ctl(epollFd, operation, fd, &event) != 0) throwErrno("epoll_ctl");
}

}  // namespace

EventLoop::EventLoop()
    : epollFd_(epoll_create1(EPOLL_CLOEXEC)),
      wakeFd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      nowMs_(monotonicMs()),
      readBuffer_(kReadBufferBytes) {
    if (epollFd_ < 0 || wakeFd_ < 0) throwErrno("an event loop needs two descriptors");
    control(epollFd_, EPOLL_CTL_ADD, wakeFd_, EPOLLIN, 0);
}

EventLoop::~EventLoop() {
    close(wakeFd_);
    close(epollFd_);
}

void EventLoop::run() {
    thread_ = std::this_thread::get_id();
    while (!stopping_.exchange(false)) turn();
    thread_ = std::thread::id{};
}

void EventLoop::turn() {
    costly_ = 0;
    readInTurn_ = 0;
    dispatch(timeoutMs());
    runPosted();
    runTimers();
    if (turnEnd_) turnEnd_();
}

void EventLoop::stop() {
    stopping_ = true;
    wake();
}

void EventLoop::post(Task task) {
    bool first = false;
    {
        const MutexLock lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(task));
    }
    if (first) wake();
}

bool EventLoop::inLoopThread() const {
    const auto owner = thread_.load();
    return owner == std::thread::id{} || owner == std::this_thread::get_id();
}

void EventLoop::wake() {
    const uint64_t one = 1;
    // A counter that is full wakes as well as one that grows.
    [[maybe_unused]] const auto written = write(wakeFd_, &one, sizeof one);
}

// ---- timers

EventLoop::TimerId EventLoop::after(int64_t delayMs, Task task) {
    assert(inLoopThread());
    if (thread_.load() == std::thread::id{}) nowMs_ = monotonicMs();
    const int64_t longest = std::numeric_limits<int64_t>::max() - nowMs_;
    const int64_t dueMs = nowMs_ + std::clamp<int64_t>(delayMs, 0, longest);
    const TimerId id = ++lastTimer_;
    timers_.emplace(Due{dueMs, id}, std::move(task));
    dueMsOf_.emplace(id, dueMs);
    return id;
}

void EventLoop::cancel(TimerId id) {
    assert(inLoopThread());
    const auto found = dueMsOf_.find(id);
    if (found == dueMsOf_.end()) return;
    timers_.erase({found->second, id});
    dueMsOf_.erase(found);
}

// Those that were asked for before this moment, so that a timer of 0 ms cannot hold up the turn.
void EventLoop::runTimers() {
    const Due last{nowMs_, lastTimer_};
    while (!timers_.empty() && timers_.begin()->first <= last) {
        auto timer = timers_.extract(timers_.begin());
        dueMsOf_.erase(timer.key().second);
        timer.mapped()();
    }
}

int EventLoop::timeoutMs() const {
    if (timers_.empty()) return -1;
    const int64_t left = timers_.begin()->first.first - monotonicMs();
    return static_cast<int>(std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
}

// ---- descriptors

void EventLoop::watch(int fd, uint32_t events, Watcher& watcher) {
    assert(inLoopThread() && fd >= 0);
    const auto index = static_cast<size_t>(fd);
    if (index >= watches_.size()) watches_.resize(index + 1);
    Watch& entry = watches_[index];
    assert(!entry.watcher);
    control(epollFd_, EPOLL_CTL_ADD, fd, events, ++entry.generation);
    entry.watcher = &watcher;
}

void EventLoop::rewatch(int fd, uint32_t events) {
    assert(inLoopThread() && watches_.at(static_cast<size_t>(fd)).watcher);
    control(epollFd_, EPOLL_CTL_MOD, fd, events, watches_[static_cast<size_t>(fd)].generation);
}

void EventLoop::unwatch(int fd) {
    assert(inLoopThread() && watches_.at(static_cast<size_t>(fd)).watcher);
    watches_[static_cast<size_t>(fd)].watcher = nullptr;
    epoll_ctl(epollFd_, EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::dispatch(int timeoutMs) {
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = epoll_wait(epollFd_, events.data(), int{kEventsPerTurn}, timeoutMs);
    nowMs_ = monotonicMs();
    if (turnBegin_) turnBegin_();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<size_t>(i)];
        const auto fd = static_cast<int>(static_cast<uint32_t>(event.data.u64));
        if (fd == wakeFd_) {
            uint64_t wakes = 0;
            [[maybe_unused]] const auto taken = read(wakeFd_, &wakes, sizeof wakes);
            continue;
        }
        const Watch& entry = watches_[static_cast<size_t>(fd)];
        const bool current = tag(fd, entry.generation) == event.data.u64;
        if (entry.watcher && current) entry.watcher->onReady(event.events);
    }
}

void EventLoop::runPosted() {
    {
        const MutexLock lock(mutex_);
        running_.swap(posted_);
    }
    for (Task& task : running_) task();
    running_.clear();
}

// ---- LoopThread

LoopThread::LoopThread() : thread_([this] { loop_.run(); }) {
}

void LoopThread::stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace netchat::net

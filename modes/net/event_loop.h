#pragma once

// One I/O thread: an epoll instance, its timers and a queue of tasks from other threads.
//
// One turn:   wait -> begin-of-turn hook -> ready descriptors -> posted tasks -> due timers
//             -> end-of-turn hook
//
// The latter is where a server writes: whatever a turn brought leaves in one call per connection.
// The clock is read once per turn, so that all of a turn happens at one moment.
// (POCO's reactors are stepped round for speed and for their races; sockets remain POCO's.)

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/mutex.h"

namespace netchat::net {

// What is told that a descriptor is ready; `events` are epoll's.
class Watcher {
  public:
    virtual void onReady(uint32_t events) = 0;

  protected:
    ~Watcher() = default;
};

// Unless a method says otherwise, call it on the loop's own thread (asserted), or before run().
class EventLoop {
  public:
    using Task = std::function<void()>;
    using TimerId = uint64_t;  // 0 is never used

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Runs turns on the calling thread until stop().
    void run();
    void stop();           // any thread; run() returns after the current turn
    void post(Task task);  // any thread, any time; tasks run in the order of posting

    // Any thread may ask; true also while run() does not run.
    bool inLoopThread() const;
    // The moment of this turn, monotonic.
    int64_t nowMs() const { return nowMs_; }

    // Runs once, not before `delayMs` from now; cancel() of one that has run does nothing.
    TimerId after(int64_t delayMs, Task task);
    void cancel(TimerId id);

    // The hooks that run at the beginning and at the end of every turn, one each.
    void onTurnBegin(Task hook) { turnBegin_ = std::move(hook); }
    void onTurnEnd(Task hook) { turnEnd_ = std::move(hook); }

    // The watcher must outlive its watch. A watch may be changed or ended in any callback, and a
    // watcher that was ended is not called again, not even for events already fetched.
    void watch(int fd, uint32_t events, Watcher& watcher);
    void rewatch(int fd, uint32_t events);
    void unwatch(int fd);

    // Memory that every connection of this loop reads into; contents last until the next read.
    std::vector<char>& readBuffer() { return readBuffer_; }
    // How much of it the next read may fill: little when this turn has read much. So many who send
    // megabytes do not make a turn long for those who send a line, and all of them are read.
    size_t readShare() const {
        return readInTurn_ < kReadPerTurnBytes ? readBuffer_.size() : kLateReadBytes;
    }
    void countRead(size_t bytes) { readInTurn_ += bytes; }
    // The same for what TLS makes of bytes: they last until the next use.
    std::string& plainBuffer() { return plainBuffer_; }
    std::string& wireBuffer() { return wireBuffer_; }
    // Work that takes as long as hundreds of messages, such as the beginning of a TLS handshake,
    // is claimed first: false when this turn has done enough of it for others to wait.
    bool claimCostly() { return costly_ < kCostlyPerTurn && ++costly_ > 0; }

  private:
    struct Watch {
        Watcher* watcher = nullptr;
        uint32_t generation =
            0;  // tells an event for this watch from one for a former user of the fd
    };
    static constexpr int kCostlyPerTurn = 16;
    static constexpr size_t kReadPerTurnBytes = size_t{1} << 20, kLateReadBytes = size_t{1} << 14;

    using Due = std::pair<int64_t, TimerId>;  // when, and the order of asking within a millisecond

    void turn();
    void dispatch(int timeoutMs);
    void runPosted();
    void runTimers();
    int timeoutMs() const;
    void wake();

    int epollFd_;
    int wakeFd_;
    std::atomic<std::thread::id> thread_{};  // none while run() does not run
    int64_t nowMs_;
    std::vector<Watch> watches_;  // by descriptor
    std::map<Due, Task> timers_;
    std::unordered_map<TimerId, int64_t> dueMsOf_;  // of every timer in timers_
    TimerId lastTimer_ = 0;
    std::vector<Task> running_;  // the posted tasks of this turn
    Task turnBegin_, turnEnd_;
    std::vector<char> readBuffer_;
    std::string plainBuffer_, wireBuffer_;
    int costly_ = 0;         // claimed in this turn
    size_t readInTurn_ = 0;  // bytes
    std::atomic<bool> stopping_{false};

    Mutex mutex_;
    std::vector<Task> posted_ GUARDED_BY(mutex_);
};

// A thread that runs one loop from its construction until it is stopped.
class LoopThread {
  public:
    LoopThread();
    ~LoopThread() { stop(); }
    EventLoop& loop() { return loop_; }
    // Stops the loop and joins; what is posted later never runs. The thread that made it.
    void stop();

  private:
    EventLoop loop_;
    std::thread thread_;
};

}  // namespace netchat::net

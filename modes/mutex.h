#pragma once

// A mutex, a lock and a condition that clang's thread-safety analysis understands: which members a
// mutex guards is said at the members (GUARDED_BY), which functions must be called with it locked
// at the functions (REQUIRES), and a build by clang with -Wthread-safety refuses what breaks that.
// Elsewhere the words mean nothing, and the classes are std::mutex and its like.
//
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html

#include <chrono>
#include <condition_variable>
#include <mutex>

#ifdef __clang__
#define NETCHAT_THREADS(attribute) __attribute__((attribute))
#else
#define NETCHAT_THREADS(attribute)
#endif

#define GUARDED_BY(mutex) NETCHAT_THREADS(guarded_by(mutex))
#define REQUIRES(...) NETCHAT_THREADS(requires_capability(__VA_ARGS__))

namespace netchat {

class NETCHAT_THREADS(capability("mutex")) Mutex {
  public:
    void lock() NETCHAT_THREADS(acquire_capability()) { native_.lock(); }
    void unlock() NETCHAT_THREADS(release_capability()) { native_.unlock(); }

  private:
    friend class MutexLock;
    std::mutex native_;
};

// Locked from its beginning to its end, but where it is unlocked by hand.
class NETCHAT_THREADS(scoped_lockable) MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) NETCHAT_THREADS(acquire_capability(mutex))
        : lock_(mutex.native_) {}
    ~MutexLock() NETCHAT_THREADS(release_capability()) {}
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;
    void lock() NETCHAT_THREADS(acquire_capability()) { lock_.lock(); }
    void unlock() NETCHAT_THREADS(release_capability()) { lock_.unlock(); }

  private:
    friend class Condition;
    std::unique_lock<std::mutex> lock_;
};

// Waits wake without a reason now and then: they belong into a loop that looks at what is waited
// for.
class Condition {
  public:
    void wait(MutexLock& lock) { native_.wait(lock.lock_); }
    // False: the time is over.
    template <class Clock, class Duration>
    bool waitUntil(MutexLock& lock, const std::chrono::time_point<Clock, Duration>& end) {
        return native_.wait_until(lock.lock_, end) == std::cv_status::no_timeout;
    }
    void notifyOne() { native_.notify_one(); }
    void notifyAll() { native_.notify_all(); }

  private:
    std::condition_variable native_;
};

}  // namespace netchat

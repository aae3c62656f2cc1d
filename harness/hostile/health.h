#pragma once

// A server's process from outside: what it holds and what it burns. Any thread.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "protocol/limits.h"

namespace netchat::harness::hostile {

// A sanitizer keeps what was freed for a while, and looks for its use.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr uint64_t kSanitizerBytes = 600 * limits::kMiB;
#else
inline constexpr uint64_t kSanitizerBytes = 0;
#endif
// ThreadSanitizer maps the shadow of each allocation above 64 KiB anew. An entry that is inserted
// beside entries of 64 KiB costs milliseconds there, and microseconds without it.
#if defined(__SANITIZE_THREAD__)
inline constexpr double kSanitizerCores = 0.6;
#else
inline constexpr double kSanitizerCores = 0;
#endif

struct Health {
    uint64_t residentBytes = 0;
    size_t descriptors = 0;
    int64_t cpuNs = 0;
    bool there = false;
};

Health healthOf(pid_t process);

// What must have come back after an attack, and what it was before.
class HealthWatch {
  public:
    // 0: nothing is known of the process, and nothing is judged. Looks for a while what the server
    // costs while only the bystanders talk.
    explicit HealthWatch(pid_t process);

    // Waits until the process is as it was; empty, or what did not come back in time.
    std::string cameBack(int64_t patienceMs) const;
    // The same for its processor time, in cores.
    std::string cameToRest(int64_t patienceMs) const;
    const Health& before() const { return before_; }

  private:
    double coresFor(int64_t ms) const;

    pid_t process_;
    Health before_;
    double cores_ = 0;
};

}  // namespace netchat::harness::hostile

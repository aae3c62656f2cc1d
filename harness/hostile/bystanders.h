#pragma once

// The well-behaved: some people of both dialects who talk in the lobby, all the time, while others
// attack. Each of them knows what it is owed: everything that the others say (of v2 also its own),
// once, in each speaker's order. They talk in a thread of their own; any thread may ask.

#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "harness/bench/latencies.h"
#include "harness/hostile/target.h"
#include "modes/mutex.h"
#include "protocol/result.h"

namespace netchat::harness::hostile {

struct BystanderOptions {
    size_t v2 = 8, classic = 2;
    int64_t everyMs = 50;  // each of them says something
};

// How the bystanders fared since it was asked last.
struct BystanderNews {
    uint64_t delivered = 0, lost = 0, doubled = 0;
    uint64_t p99Ns = 0, maxNs = 0;
    std::vector<std::string> troubles;  // in words; empty: all is well
};

class Bystanders {
  public:
    // All are in the lobby, and have heard each other.
    static Result<std::unique_ptr<Bystanders>> enter(Target& target,
                                                     const BystanderOptions& options);
    ~Bystanders();
    Bystanders(const Bystanders&) = delete;
    Bystanders& operator=(const Bystanders&) = delete;

    // Everyone says two things more. What was said up to then is at everyone, or is counted as lost
    // after so long.
    BystanderNews settle(int64_t patienceMs);
    // Everyone is still connected, and has lost nothing.
    bool whole() const { return !broken_; }

  private:
    struct Member;

    Bystanders(Target& target, const BystanderOptions& options);
    void run();
    void speak(Member& member);
    void flush(Member& member);
    void read(Member& member) REQUIRES(mutex_);
    void takeV2(Member& member) REQUIRES(mutex_);
    void takeClassic(Member& member) REQUIRES(mutex_);
    void take(Member& member, std::string_view text) REQUIRES(mutex_);
    void trouble(const std::string& text) REQUIRES(mutex_);
    bool everythingArrived(const std::vector<uint64_t>& said, uint64_t& missing) const;
    Status waitForAll(int64_t patienceMs);

    Target& target_;
    BystanderOptions options_;
    std::string mark_;  // what its texts begin with
    std::vector<std::unique_ptr<Member>> members_;
    mutable Mutex mutex_;
    Latencies latencies_ GUARDED_BY(mutex_);
    BystanderNews news_ GUARDED_BY(mutex_);
    std::atomic<bool> stopping_{false}, broken_{false}, talking_{false};
    std::thread thread_;
};

}  // namespace netchat::harness::hostile

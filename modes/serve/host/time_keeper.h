#pragma once

// Reads the clocks for whoever must not be fooled by them (trusted_time.h), keeps what must outlive
// the process in a small file, and says in the server's log when a clock has jumped.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "modes/serve/base/log.h"
#include "modes/serve/host/trusted_time.h"

namespace netchat::serve {

class TimeKeeper {
  public:
    // Where the server's data lies; empty: nothing is kept, and the clock is right at the start.
    TimeKeeper(const std::filesystem::path& folder, Log& log);
    ~TimeKeeper();
    TimeKeeper(const TimeKeeper&) = delete;
    TimeKeeper& operator=(const TimeKeeper&) = delete;

    // ---- on the hub's thread
    struct Turn {
        int64_t wallMs, trustedMs;  // Unix time
        // Of kind Believed.
        std::optional<TrustedTime::News> believed = {};
    };
    // The time of all that happens until the next call.
    Turn turn();

    // ---- on any thread
    // The trusted time, as far as the latest turn knew.
    int64_t trustedMs() const;

  private:
    void tell(const TrustedTime::News& news) const;
    void keep(TrustedTime::Moment now);

    Log& log_;
    int file_ = -1;       // where the time is kept
    int64_t keptMs_ = 0;  // of the machine's clock, when it was kept last
    TrustedTime time_;
    std::atomic<int64_t> aheadMs_;
};

}  // namespace netchat::serve

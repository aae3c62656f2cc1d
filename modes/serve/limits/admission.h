#pragma once

// Who may connect: so many in all, and of one address what its budget allows.

#include <Poco/Net/IPAddress.h>

#include <cstdint>
#include <optional>

#include "modes/mutex.h"
#include "modes/serve/limits/address_budget.h"
#include "modes/serve/limits/limits.h"
#include "modes/serve/limits/rate_limiter.h"
#include "protocol/result.h"

namespace netchat::serve {

// Any thread.
class Admission {
  public:
    // `descriptors`: how many this process may have.
    Admission(const Limits& limits, uint64_t descriptors);

    // What somebody who was admitted gives back; null: their address is not counted. Monotonic
    // time.
    Result<AddressBudget*> admit(const Poco::Net::IPAddress& address, int64_t nowMs);
    void left(AddressBudget* budget);
    size_t connectionsMax() const {
        const MutexLock lock(mutex_);
        return connectionsMax_;
    }
    // From now on; whoever was admitted stays.
    void limitBy(const Limits& limits, int64_t nowMs);
    AddressBudgets& budgets() { return budgets_; }

    // Whether one more of those who are refused may be told why, and a line be written: how many
    // were not since the last one. Telling them all would be an attacker's second prize.
    std::optional<uint64_t> tell(int64_t nowMs);

  private:
    bool counts(const Poco::Net::IPAddress& address) const REQUIRES(mutex_);

    const uint64_t descriptors_;
    AddressBudgets budgets_;
    mutable Mutex mutex_;
    Limits limits_ GUARDED_BY(mutex_);
    size_t connectionsMax_ GUARDED_BY(mutex_);
    size_t live_ GUARDED_BY(mutex_) = 0;
    TokenBucket told_ GUARDED_BY(mutex_);
    uint64_t untold_ GUARDED_BY(mutex_) = 0;
};

}  // namespace netchat::serve

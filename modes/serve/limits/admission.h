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
    Result<AddressBudget*> admit(const Poco::Net::IPAddress& address, int64_t nowMs) {
        return admit(address, isLocal(address), nowMs);
    }
    // `onThisMachine`: as it is known otherwise, since a balancer has clients on its own machine.
    Result<AddressBudget*> admit(const Poco::Net::IPAddress& address, bool onThisMachine,
                                 int64_t nowMs);
    void left(AddressBudget* budget);

    // One more whose address is not known yet: a balancer will say it. It takes a place until it
    // has arrived. False: there are too many; of those beyond, as many as may be told why are true.
    bool expect(int64_t nowMs);
    void arrived();

    int64_t greetingMs() const {
        const MutexLock lock(mutex_);
        return limits_.greetingMs;
    }
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
    bool counts(bool onThisMachine) const REQUIRES(mutex_);

    const uint64_t descriptors_;
    AddressBudgets budgets_;
    mutable Mutex mutex_;
    Limits limits_ GUARDED_BY(mutex_);
    size_t connectionsMax_ GUARDED_BY(mutex_);
    size_t live_ GUARDED_BY(mutex_) = 0;
    size_t expected_ GUARDED_BY(mutex_) = 0;
    TokenBucket told_ GUARDED_BY(mutex_);
    uint64_t untold_ GUARDED_BY(mutex_) = 0;
};

}  // namespace netchat::serve

#pragma once

// Who may connect: so many in all, and of one address what its budget allows.

#include <Poco/Net/IPAddress.h>

#include <cstdint>

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

    // How many can wait at once for a balancer to name their address: a crowd that comes back
    // after a cut.
    static constexpr size_t kExpectedMax = 4096;
    // One more whose address a balancer will name. It takes a place until it has arrived. False:
    // too many wait, or the server is full and enough others will be told so. It counts as untold.
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

    // Whether one more of those who are refused may be told why, and a line be written. False: it
    // counts as untold. Telling them all would be an attacker's second prize.
    bool tell(int64_t nowMs);
    // How many were closed without a word.
    struct Untold {
        uint64_t refused = 0;
        uint64_t unexpected = 0;  // because of kExpectedMax
    };
    // Since the last call.
    Untold takeUntold();

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
    Untold untold_ GUARDED_BY(mutex_);
};

}  // namespace netchat::serve

#pragma once

// Who may connect: so many in all, so many of one address, and of those so many a second. An IPv6
// address counts as its /64, which is one customer's.

#include <Poco/Net/IPAddress.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "modes/serve/limits.h"
#include "modes/serve/pace.h"
#include "protocol/result.h"

namespace netchat::serve {

// Any thread.
class Admission {
  public:
    // `descriptors`: how many this process may have.
    Admission(const Limits& limits, uint64_t descriptors);

    // What somebody who was admitted gives back; null: their address is not counted.
    struct Address {
        size_t live = 0;
        TokenBucket connects;
    };

    // Monotonic time.
    Result<Address*> admit(const Poco::Net::IPAddress& address, int64_t nowMs);
    void left(Address* address);
    size_t connectionsMax() const { return connectionsMax_; }

    // Whether one more of those who are refused may be told why, and a line be written: how many
    // were not since the last one. Telling them all would be an attacker's second prize.
    std::optional<uint64_t> tell(int64_t nowMs);

  private:
    using Key = std::pair<bool, uint64_t>;
    bool counts(const Poco::Net::IPAddress& address) const;
    Result<Address*> admitOf(const Poco::Net::IPAddress& address, int64_t nowMs);
    void forgetIdle(int64_t nowMs);

    const Limits limits_;
    const size_t connectionsMax_;
    std::mutex mutex_;  // guards what follows
    size_t live_ = 0;
    std::map<Key, Address> addresses_;
    int64_t forgotMs_ = 0;
    TokenBucket told_;
    uint64_t untold_ = 0;
};

}  // namespace netchat::serve

#pragma once

// What one address may take of the server. Users are free, and so are connections; addresses are
// less so. A user's own rates (pace.h) stand beside this.
//
//     AddressBudgets   the table, bounded: by address, or by the network around it when it is full
//       AddressBudget  one address: its connections, its rates, what it holds in memory
//
// The rooms and nicks that an address holds outlive its connections: the hub counts them
// (held_by_address.h). OPERATING.md has one table of all of them.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "modes/mutex.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/limits.h"
#include "modes/serve/limits/rate_limiter.h"
#include "protocol/result.h"

namespace netchat::serve {

// Any thread. Valid while one of its connections is. All times are monotonic.
class AddressBudget {
  public:
    AddressBudget(AddressKey key, const Limits& limits, int64_t nowMs);

    AddressKey key() const { return key_; }

    // A message of so many bytes was taken: in how many milliseconds more may be read; 0: at once.
    int64_t said(size_t bytes, int64_t nowMs);
    // A request for which the server has to look something up. TooMany wait for their answers.
    Status mayAsk();
    void asked() { ++unanswered_; }
    void answered(size_t requests) { unanswered_ -= requests; }
    // Whether so many bytes of a file may come. Only those that have come are counted. NoRoom.
    Status mayStore(uint64_t bytes, int64_t nowMs);
    void stored(uint64_t bytes, int64_t nowMs);
    // So many entries of a log are read for an answer: as said().
    int64_t looksUp(size_t entries, int64_t nowMs);
    // A user who was never here before. TooFast.
    Status makeUser(int64_t nowMs);
    // Whether what it tried without being allowed to may be written down.
    bool noteAttempt(int64_t nowMs);
    // Its connections hold so many bytes more (or less) for it in memory. Returns how many.
    size_t holds(std::ptrdiff_t more) { return held_ += static_cast<size_t>(more); }
    size_t held() const { return held_; }

  private:
    friend class AddressBudgets;

    void limitBy(const Limits& limits, int64_t nowMs);
    bool isIdle(int64_t nowMs);

    const AddressKey key_;
    size_t live_ = 0;  // the table's lock guards it
    std::atomic<size_t> unanswered_{0}, held_{0};
    Mutex mutex_;
    size_t requestsMax_ GUARDED_BY(mutex_);
    uint64_t storedPerDay_ GUARDED_BY(mutex_);
    TokenBucket connects_ GUARDED_BY(mutex_), messages_ GUARDED_BY(mutex_),
        bytes_ GUARDED_BY(mutex_), users_ GUARDED_BY(mutex_), attempts_ GUARDED_BY(mutex_),
        stored_ GUARDED_BY(mutex_);
};

// Any thread.
class AddressBudgets {
  public:
    explicit AddressBudgets(const Limits& limits, size_t addressesMax = limits::kAddressesMax)
        : limits_(limits), addressesMax_(addressesMax) {}

    // One more connection of this address. TooMany, TooFast. Monotonic time, as below.
    Result<AddressBudget*> enter(AddressKey key, int64_t nowMs);
    void leave(AddressBudget& budget);

    // The same as the budget's, for those that have only its key, and perhaps no connection any
    // more. Who is not counted may.
    Status makeUser(AddressKey key, int64_t nowMs);
    Status mayStore(AddressKey key, uint64_t bytes, int64_t nowMs);
    bool noteAttempt(AddressKey key, int64_t nowMs);

    // From now on.
    void limitBy(const Limits& limits, int64_t nowMs);
    // How many have a budget of their own.
    size_t size() const;

  private:
    AddressBudget& of(AddressKey key, int64_t nowMs) REQUIRES(mutex_);
    AddressBudget& make(AddressKey key, int64_t nowMs) REQUIRES(mutex_);
    void forgetIdle(int64_t nowMs) REQUIRES(mutex_);
    void forgetAbsent(int64_t nowMs) REQUIRES(mutex_);

    mutable Mutex mutex_;
    Limits limits_ GUARDED_BY(mutex_);
    const size_t addressesMax_;
    std::unordered_map<AddressKey, AddressBudget> budgets_
        GUARDED_BY(mutex_);  // they stay where they are
    int64_t forgotMs_ GUARDED_BY(mutex_) = 0, madeRoomMs_ GUARDED_BY(mutex_) = 0;
};

}  // namespace netchat::serve

#pragma once

// Whose nick is whose while they are away: a nick belongs to the user who first used it until it
// was unused for the time of the lease. Pure but for the log; the hub's thread only.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/held_by_address.h"
#include "modes/store/user_log.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::serve {

class NickLeases {
  public:
    struct Lease {
        std::string nick;
        UserId user;
        int64_t usedMs;                   // Unix time of its latest use
        AddressKey address = kUncounted;  // who took it; not known of those from before a restart
        uint64_t taken = 0;               // in which order
    };

    // Takes over what the log keeps, but for what has run out. Until then, or without one, every
    // nick is free. `leaseMs` > 0.
    Status open(store::NickLog& log, int64_t leaseMs, int64_t nowMs);

    // A lease that keeps this nick, or one that looks like it, from this user (0: a new one).
    const Lease* against(std::string_view nick, UserId user, int64_t nowMs) const;
    // Whether this very nick is kept for the user.
    bool isOf(std::string_view nick, UserId user) const;
    // Whose it is; 0: nobody's.
    UserId ownerOf(std::string_view nick, int64_t nowMs) const;
    // The user is called so. False: it is not kept. An address beyond its own limit gets no other
    // one. Beyond limits::kNickLeasesMax in all the address that holds most gives up the one that
    // it took last, unless it holds hardly more: who came first keeps what they have. Beyond
    // kNicksPerUserMax a user gives up the one that is unused for longest.
    bool use(std::string_view nick, UserId user, int64_t nowMs, AddressKey address = kUncounted);
    // It is still called so, or was up to now.
    void renew(std::string_view nick, UserId user, int64_t nowMs);
    // Whether nicks are kept at all.
    bool isOpen() const { return log_ != nullptr; }
    void limitBy(size_t nicksPerAddress) { perAddressMax_ = nicksPerAddress; }
    // False: it was nobody's.
    bool free(std::string_view nick);
    // This one and those that look like it; which they were.
    std::vector<std::string> freeAlike(std::string_view nick);
    // Whether those who are here are to be named again by use(): a server that is killed knows
    // later that they were.
    bool wantsRollCall(int64_t nowMs);
    // What was used after `sinceMs` was so so much later.
    void shift(int64_t sinceMs, int64_t byMs);
    // Makes it last; on an error it is tried again the next time.
    Status save();

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    bool runOut(const Lease& lease, int64_t nowMs) const {
        return nowMs - lease.usedMs >= leaseMs_;
    }
    void insert(Lease lease);
    void remove(const std::string& nick);
    bool makeRoom(int64_t nowMs, AddressKey address);
    void sweep(int64_t nowMs);
    std::string faultOf(const std::string& nick, const Lease& lease) const;
    std::string holdersFault() const;

    store::NickLog* log_ = nullptr;
    int64_t leaseMs_ = 0, sweptMs_ = 0, calledMs_ = 0;
    std::unordered_map<std::string, Lease> leases_;                // by nick
    std::unordered_multimap<size_t, const Lease*> looks_;          // by lookHash()
    std::unordered_map<UserId, std::vector<std::string>> ofUser_;  // the latest taken last
    // The same by who took them.
    HeldByAddress held_;
    std::map<std::pair<AddressKey, uint64_t>, const Lease*> taken_;
    uint64_t lastTaken_ = 0;
    size_t perAddressMax_ = limits::kNicksPerAddressMax;
    std::unordered_map<std::string, store::NickRecord> unsaved_;
};

}  // namespace netchat::serve

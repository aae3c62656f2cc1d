#pragma once

// The sanctions of operators, and whether one holds for somebody at a moment: bans, mutes, closed
// rooms, who is an operator, and what new users are told. A ban or a mute of a nick is also one of
// the nicks that look like it, and of the user who had it: another nick does not help.

#include <Poco/Net/IPAddress.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/mutex.h"
#include "modes/serve/limits/cloak.h"
#include "modes/serve/limits/network.h"
#include "modes/serve/names/user.h"
#include "modes/store/sanction_store.h"
#include "protocol/result.h"

namespace netchat::serve {

// What nicks that differ in case only have in common: how a nick is kept in a sanction.
std::string nickKey(std::string_view nick);

// The hub's thread only. Pure but for the store, which may be none.
class Sanctions {
  public:
    using Sanction = store::Sanction;
    using Kind = store::Sanction::Kind;

    void load(std::vector<Sanction> sanctions, store::SanctionStore* store);

    // Kept before it holds; on an error it does not.
    Status put(Sanction sanction);
    // NoSuchNick and the like are the caller's: true when there was one.
    Result<bool> drop(Kind kind, const std::string& target);

    // Those of after `sinceMs` began, and end, so much later.
    Status shift(int64_t sinceMs, int64_t byMs);

    // Null: none holds now.
    const Sanction* find(Kind kind, const std::string& target, int64_t nowMs) const;
    const Sanction* banOfNick(std::string_view nick, int64_t nowMs) const;
    const Sanction* banOfUser(const User& user, int64_t nowMs) const;
    const Sanction* banOfHost(AddressKey host, int64_t nowMs) const;
    const Sanction* muteOf(const User& user, int64_t nowMs) const;
    bool isOperator(const User& user) const { return operatorOf(user) != nullptr; }
    const Sanction* operatorOf(const User& user) const;
    std::string motd() const;

    std::vector<const Sanction*> all(Kind kind, int64_t nowMs) const;
    bool any(Kind kind) const { return !of(kind).empty(); }

    // How a target is kept: a network's text, a cloak behind "cloak:", or a nick's key, of a ban
    // behind "nick:".
    static std::string banTarget(const std::string& text);
    static std::string muteTarget(const std::string& text);
    // Whether it is of this very user, whatever it is called.
    static bool concerns(const Sanction& sanction, const User& user);
    static std::string proofOf(const User& user) { return user.proof(); }

    void cloakBy(Cloaks cloaks) { cloaks_ = std::move(cloaks); }
    std::string cloakOf(AddressKey host) const { return cloaks_.of(host); }

  private:
    using ByTarget = std::map<std::string, Sanction>;
    const ByTarget& of(Kind kind) const { return sanctions_[static_cast<size_t>(kind)]; }
    const Sanction* ofNick(Kind kind, std::string_view nick, int64_t nowMs) const;
    const Sanction* ofUser(Kind kind, const User& user, int64_t nowMs) const;
    const Sanction* ofHost(Kind kind, AddressKey host, int64_t nowMs) const;
    void enlist(const Sanction& sanction);
    void delist(const Sanction& sanction);
    void forgetOver(Kind kind, int64_t nowMs);

    // The same by the looks of a nick, and by a user's number.
    struct Found {
        std::unordered_multimap<size_t, const Sanction*> byLook;
        std::unordered_multimap<UserId, const Sanction*> byUser;
    };

    ByTarget sanctions_[6];  // by kind
    Found found_[6];
    Cloaks cloaks_;
    store::SanctionStore* store_ = nullptr;
};

// The bans by address as the acceptor and the loops see them: replaced as a whole, never changed.
struct AddressBan {
    Network network;
    int64_t untilMs;
    std::string text;  // for whom it concerns
};
using AddressBans = std::vector<AddressBan>;

std::shared_ptr<const AddressBans> addressBans(const Sanctions& sanctions, int64_t nowMs);

// Any thread.
class BanGate {
  public:
    void set(std::shared_ptr<const AddressBans> bans);
    // What whoever comes from there is to be told; empty: they are welcome.
    std::string refusal(const Poco::Net::IPAddress& address, int64_t nowMs) const;
    bool empty() const { return !bans(); }

  private:
    std::shared_ptr<const AddressBans> bans() const;

    mutable Mutex mutex_;
    std::shared_ptr<const AddressBans> bans_ GUARDED_BY(mutex_);  // null: none
};

// "an operator has banned you until 2026-11-24T05:00:00.000Z: spam"
std::string sanctionText(std::string_view what, const store::Sanction& sanction);

}  // namespace netchat::serve

#pragma once

// What operators have ruled, and whether it holds for somebody at a moment: bans, mutes, closed
// rooms, who is an operator, and what new users are told. A nick is compared as one that looks
// alike would be taken for it.

#include <Poco/Net/IPAddress.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/serve/directory.h"
#include "modes/serve/network.h"
#include "modes/store/ruling_store.h"
#include "protocol/result.h"

namespace netchat::serve {

// What equal nicks have in common.
std::string nickKey(std::string_view nick);

// The hub's thread only. Pure but for the store, which may be none.
class Rulings {
  public:
    using Ruling = store::Ruling;
    using Kind = store::Ruling::Kind;

    void load(std::vector<Ruling> rulings, store::RulingStore* store);

    // Kept before it holds; on an error it does not.
    Status put(Ruling ruling);
    // NoSuchNick and the like are the caller's: true when there was one.
    Result<bool> drop(Kind kind, const std::string& target);

    // Those of after `sinceMs` began, and end, so much later.
    Status shift(int64_t sinceMs, int64_t byMs);

    // Null: none holds now.
    const Ruling* find(Kind kind, const std::string& target, int64_t nowMs) const;
    const Ruling* banOfNick(std::string_view nick, int64_t nowMs) const;
    const Ruling* muteOf(const User& user, int64_t nowMs) const;
    bool isOperator(const User& user) const { return operatorOf(user) != nullptr; }
    const Ruling* operatorOf(const User& user) const;
    std::string motd() const;

    std::vector<const Ruling*> all(Kind kind, int64_t nowMs) const;
    bool any(Kind kind) const { return !of(kind).empty(); }

    // How a target is kept: a network's text, or a nick's key behind "nick:".
    static std::string banTarget(const std::string& text);
    // By what a user is known again.
    static std::string proofOf(const User& user);

  private:
    using ByTarget = std::map<std::string, Ruling>;
    const ByTarget& of(Kind kind) const { return rulings_[static_cast<size_t>(kind)]; }
    static bool concerns(const Ruling& ruling, const User& user);
    void forgetOver(Kind kind, int64_t nowMs);

    ByTarget rulings_[6];  // by kind
    store::RulingStore* store_ = nullptr;
};

// The bans by address as the acceptor and the loops see them: replaced as a whole, never changed.
struct AddressBan {
    Network network;
    int64_t untilMs;
    std::string text;  // for whom it concerns
};
using AddressBans = std::vector<AddressBan>;

std::shared_ptr<const AddressBans> addressBans(const Rulings& rulings, int64_t nowMs);

// Any thread.
class BanGate {
  public:
    void set(std::shared_ptr<const AddressBans> bans);
    // What whoever comes from there is to be told; empty: they are welcome.
    std::string refusal(const Poco::Net::IPAddress& address, int64_t nowMs) const;
    bool empty() const { return !bans(); }

  private:
    std::shared_ptr<const AddressBans> bans() const;

    mutable std::mutex mutex_;                 // guards what follows
    std::shared_ptr<const AddressBans> bans_;  // null: none
};

// "an operator has banned you until 2026-11-24T05:00:00.000Z: spam"
std::string rulingText(std::string_view what, const store::Ruling& ruling);

}  // namespace netchat::serve

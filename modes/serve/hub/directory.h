#pragma once

// Who is on the server: users, present and absent, and whose nick is whose.
// A user survives its connections: its secret brings it back. Pure; the hub's thread only.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/hub/nick_leases.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/names/confusable.h"
#include "modes/serve/names/user.h"
#include "modes/store/user_log.h"
#include "protocol/dialect.h"
#include "protocol/result.h"

namespace netchat::serve {

// Present users by the looks of their nicks: one pointer in each user and one here.
class NickIndex {
  public:
    void add(User& user);
    void remove(User& user);
    // Visits those called so; classic users may share a nick.
    template <class Visit>
    void each(std::string_view nick, Visit visit) const {
        if (heads_.empty()) return;
        for (User* user = heads_[placeOf(nick)]; user; user = user->nextAlike) {
            if (user->nick == nick) visit(*user);
        }
    }
    // Visits those whose nicks look like this one.
    template <class Visit>
    void eachAlike(std::string_view nick, Visit visit) const {
        if (heads_.empty()) return;
        for (User* user = heads_[placeOf(nick)]; user; user = user->nextAlike) {
            if (looksAlike(user->nick, nick)) visit(*user);
        }
    }

    // Whether it holds these users, in their places, and no others; empty: yes.
    std::string checkInvariants(const std::vector<User*>& present) const;

  private:
    friend struct InvariantsTest;

    size_t placeOf(std::string_view nick) const { return lookHash(nick) & (heads_.size() - 1); }
    void grow();

    std::vector<User*> heads_;  // a power of two
    size_t count_ = 0;
};

class Directory {
  public:
    // Gives 128 random bits.
    using MakeSecret = std::function<Key()>;
    // Absent users are kept in memory, as many as the limit allows, and all of them in a `log`.
    explicit Directory(MakeSecret makeSecret, store::UserLog* log = nullptr)
        : makeSecret_(std::move(makeSecret)), log_(log) {
        if (log_ && log_->addsLate()) (void)reserveNumber();
    }

    // From now on a v2 user's nick is kept for it while it is away.
    Status leaseNicks(store::NickLog& log, int64_t leaseMs, int64_t nowMs) {
        return leases_.open(log, leaseMs, nowMs);
    }
    // The clock was wrong by so much since then: leases last for as long as they would, and whoever
    // is here has been so for as long as before.
    void shiftTimes(int64_t sinceMs, int64_t byMs);
    // Unix time of what comes next.
    void setNow(int64_t nowMs) { nowMs_ = nowMs; }

    // A v2 user: an earlier one, absent, if the secret is its, else a new one. BadNick, NickInUse.
    // For a `guest` no nick is kept, and where a guest has it already, it gets a number.
    Result<User*> enter(SessionId session, std::string_view nick, std::string_view secret,
                        AddressKey address = kUncounted, bool guest = false);
    // A classic user; a name that a v2 user has, or one like it, gets a number.
    Result<User*> enterClassic(SessionId session, std::string_view name);
    // Makes the new users last. On an error they are here all the same, it is tried again the next
    // time, and nothing may be appended for anybody: who is not kept could say it twice.
    Status save();
    // May this user (or, with null, a new one) be called so? BadNick, NickInUse, which says whose
    // nick it is, or looks like. A user keeps a nick that it has, though new ones follow
    // stricter rules.
    Status checkFree(std::string_view nick, const User* user, bool guest = false) const;
    Status rename(User& user, std::string_view nick, AddressKey address = kUncounted);
    // Nicks are kept, but this user's is not: there are too many, of its address or in all.
    bool lacksLease(const User& user) const;
    // How many nicks are kept for one address.
    void limitBy(size_t nicksPerAddress) { leases_.limitBy(nicksPerAddress); }
    // Present or away.
    NickOwner ownerOf(std::string_view nick) const;
    // A nick that was kept for its user is so no longer, nor is any that looks like it; which they
    // were.
    std::vector<std::string> freeNick(std::string_view nick) { return leases_.freeAlike(nick); }
    // The connection is gone. A classic user is forgotten and no longer valid.
    void leave(User& user);

    User* bySession(SessionId session) const;
    // Whoever is in the slot of this session, by it or by an earlier one.
    User* inSlotOf(SessionId session) const;
    // A user whose secret this is, present or not; null when it is nobody's.
    User* bySecret(std::string_view secret);
    // The same, of those in memory; 0: nobody.
    UserId numberBySecret(std::string_view secret) const;
    // NoSuchNick when nobody, or more than one, has it.
    Result<User*> byNick(std::string_view nick) const;

    // Present users, by ascending number.
    const std::vector<User*>& present() const { return present_; }

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    // Who left, and which of all leavings it was.
    struct Absent {
        std::unique_ptr<User> user;
        uint64_t leaving;
    };
    // The nick as it is to be shown, if this user may be called so.
    Result<std::string> freeNickFor(const User* user, std::string_view nick) const;
    Result<std::string> guestNickFor(const User* user, std::string_view nick) const;
    bool onlyGuestsHave(const User* user, std::string_view nick) const;
    bool has(const User& user, std::string_view nick) const;
    Result<User*> create(SessionId session, std::string_view nick, Dialect dialect,
                         AddressKey address = kUncounted, bool guest = false);
    Status reserveNumber();
    void prepareKeys(UserId first, size_t count);
    Key keyOf(UserId number) const;
    std::unique_ptr<User>& placeOf(SessionId session);
    User& appear(std::unique_ptr<User> user, SessionId session, std::string_view nick);
    User* known(UserId number) const;
    // A present user who is called so or alike; null: nobody.
    template <class Counts>
    const User* alike(std::string_view nick, Counts counts) const;
    void takeNick(User& user, std::string_view nick);
    void retire(std::unique_ptr<User> user);
    void forgetOldest();

    // directory_invariants.cpp
    std::string presentFault() const;
    std::string absentFault() const;

    MakeSecret makeSecret_;
    int64_t nowMs_ = 0;
    NickLeases leases_;
    store::UserLog* log_;
    UserId lastNumber_ = 0;
    UserId keysFirst_ = 0;                    // the number whose key is the first of these
    std::vector<Key> keys_;                   // that the log was told of beforehand
    UserId reservedTo_ = 0;                   // with a log: numbers up to this are ours to give
    std::vector<store::UserRecord> unsaved_;  // welcomed, and not in the log yet
    std::vector<std::vector<std::unique_ptr<User>>> sessions_;  // by loop and slot
    std::vector<User*> present_;
    NickIndex nicks_;
    std::unordered_map<UserId, Absent> absent_;
    // Who left, in order; some have come back since, or left again later.
    struct Leaving {
        UserId user;
        uint64_t leaving;
    };
    std::deque<Leaving> leavings_;
    uint64_t lastLeaving_ = 0;
};

// Adds and removes in a vector that is sorted by user number, where new users come last.
void insertByNumber(std::vector<User*>& users, User& user);
void eraseByNumber(std::vector<User*>& users, const User& user);

}  // namespace netchat::serve

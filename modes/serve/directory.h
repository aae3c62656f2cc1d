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

#include "modes/serve/ids.h"
#include "modes/store/user_log.h"
#include "protocol/dialect.h"
#include "protocol/result.h"

namespace netchat::serve {

struct User {
    UserId number = 0;
    std::string nick;
    std::string secret;  // empty for classic users, who cannot come back
    Dialect dialect = Dialect::V2;
    SessionId session = 0;             // 0: absent
    std::vector<RoomId> rooms;         // while present
    std::vector<std::string> toldIds;  // of its latest private messages
    bool searching = false;            // a search of its has no answer yet
    uint64_t leaving = 0;              // which of all leavings its last was
};

class Directory {
  public:
    // Gives 128 random bits or more as printable ASCII.
    using MakeSecret = std::function<std::string()>;
    // Absent users are kept in memory, as many as the limit allows, and all of them in a `log`.
    explicit Directory(MakeSecret makeSecret, store::UserLog* log = nullptr)
        : makeSecret_(std::move(makeSecret)), log_(log) {}

    // A v2 user: an earlier one, absent, if the secret is its, else a new one. BadNick, NickInUse.
    Result<User*> enter(SessionId session, std::string_view nick, std::string_view secret);
    // A classic user; a name that a v2 user has gets a number.
    Result<User*> enterClassic(SessionId session, std::string_view name);
    // Makes the new users last. On an error they are here all the same, it is tried again the next
    // time, and nothing may be appended for anybody: who is not kept could say it twice.
    Status save();
    // May this user (or, with null, a new one) be called so? BadNick, NickInUse.
    Status checkFree(std::string_view nick, const User* user) const;
    Status rename(User& user, std::string_view nick);
    // The connection is gone. A classic user is forgotten and no longer valid.
    void leave(User& user);

    User* bySession(SessionId session) const;
    // A user whose secret this is, present or not; null when it is nobody's.
    User* bySecret(std::string_view secret);
    // NoSuchNick when nobody, or more than one, has it.
    Result<User*> byNick(std::string_view nick) const;

    // Present users, by ascending number.
    const std::vector<User*>& present() const { return present_; }

  private:
    Result<User*> create(SessionId session, std::string_view nick, Dialect dialect);
    Status reserveNumber();
    void appear(User& user, SessionId session, std::string_view nick);
    bool takenByV2(std::string_view nick, const User* except) const;
    bool takenByAnyone(std::string_view nick, const User* except) const;
    void takeNick(User& user, std::string_view nick);
    void dropNick(User& user);
    void retire(User& user);
    void forgetOldest();

    MakeSecret makeSecret_;
    store::UserLog* log_;
    UserId lastNumber_ = 0;
    UserId reservedTo_ = 0;                   // with a log: numbers up to this are ours to give
    std::vector<store::UserRecord> unsaved_;  // welcomed, and not in the log yet
    std::unordered_map<UserId, std::unique_ptr<User>> users_;
    std::unordered_map<SessionId, User*> sessions_;
    std::unordered_multimap<std::string_view, User*> nicks_;  // keys lie in the users
    std::vector<User*> present_;
    // Who left, in order; some have come back since, or left again later.
    struct Leaving {
        UserId user;
        uint64_t leaving;
    };
    std::deque<Leaving> absent_;
    uint64_t lastLeaving_ = 0;
};

// Adds and removes in a vector that is sorted by user number, where new users come last.
void insertByNumber(std::vector<User*>& users, User& user);
void eraseByNumber(std::vector<User*>& users, const User& user);

}  // namespace netchat::serve

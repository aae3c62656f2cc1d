#pragma once

// The users that may come back: who they are, by what they are known again, and what is theirs.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

struct UserRecord {
    uint64_t number = 0;
    std::string nick;
    std::string secret;  // what the client was given; kept as its SHA-256 only
};

// One owner thread, the room log's.
class UserLog {
  public:
    virtual ~UserLog() = default;
    // Takes `count` numbers that were never given before and are never given again, classic users'
    // included; returns the first of them.
    virtual Result<uint64_t> reserve(uint64_t count) = 0;
    // All or nothing.
    virtual Status add(std::span<const UserRecord> users) = 0;
    // Whether add() returns before what it adds would survive. Then prepare() is told beforehand
    // who may come, so that nobody is welcomed whom a start would not know.
    virtual bool addsLate() const { return false; }
    // Numbers that reserve() gave, one after the other, and the secrets that they will have; nicks
    // are empty.
    virtual void prepare(std::span<const UserRecord> /*users*/) {}
    // The user with this number if `secret` is its; the secret in the record is `secret`.
    virtual std::optional<UserRecord> find(uint64_t number, const std::string& secret) = 0;
    // The SHA-256 of the user's secret, in hexadecimal digits; empty: nobody has this number.
    virtual std::string proofOf(uint64_t /*number*/) const { return {}; }
};

// A nick that is a user's, present or not.
struct NickRecord {
    std::string nick;
    uint64_t user = 0;   // 0: nobody's any more
    int64_t usedMs = 0;  // Unix time
};

// Whose nick is whose. One owner thread, the room log's.
class NickLog {
  public:
    virtual ~NickLog() = default;
    virtual Result<std::vector<NickRecord>> nicks() = 0;
    // Each in place of what was kept of its nick. All or nothing.
    virtual Status keep(std::span<const NickRecord> nicks) = 0;
};

}  // namespace netchat::store

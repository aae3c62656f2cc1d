#pragma once

// The users that may come back: who they are, and by what they are known again.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

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
    // The user with this number if `secret` is its; the secret in the record is `secret`.
    virtual std::optional<UserRecord> find(uint64_t number, const std::string& secret) = 0;
};

}  // namespace netchat::store

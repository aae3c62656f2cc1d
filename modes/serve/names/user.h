#pragma once

// A user: who is behind a session, and survives it. The directory owns all of them; the hub's
// thread only.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "modes/serve/base/ids.h"
#include "modes/serve/base/inlined_vector.h"
#include "modes/serve/limits/address_key.h"
#include "protocol/dialect.h"

namespace netchat::serve {

// 128 bits that nobody can guess.
using Key = std::array<unsigned char, 16>;

// What there is of those who have said something.
struct Spoken {
    int64_t lastMs = 0;  // Unix time
    uint64_t messages = 0, bytes = 0;
    std::unique_ptr<std::deque<std::string>> toldIds;  // of its latest private messages
};

// There are many: what few of them need is elsewhere or behind a pointer.
struct User {
    UserId number = 0;
    std::string nick;
    Key key{};                     // a v2 user's; classic users cannot come back
    SessionId session = 0;         // 0: absent
    AddressKey host = kUncounted;  // while present
    [[no_unique_address]] InlinedVector<RoomId> rooms;  // while present
    // In the five bytes behind the rooms.
    Dialect dialect : 2 = Dialect::V2;
    bool searching : 1 = false;  // a search of its has no answer yet
    bool muted : 1 = false;      // it was when it was looked at last
    bool guest : 1 = false;      // no nick is kept for it
    uint32_t sinceS = 0;         // Unix time of its latest greeting
    std::unique_ptr<Spoken> spoken;
    User* nextAlike = nullptr;  // the directory's

    void speaks(int64_t nowMs, uint64_t bytes) {
        if (!spoken) spoken = std::make_unique<Spoken>();
        spoken->lastMs = nowMs;
        ++spoken->messages;
        spoken->bytes += bytes;
    }
    // What its client was given and shows when it comes back: "NUMBER-HEXADECIMAL"; empty for a
    // classic user.
    std::string secret() const;
    // The SHA-256 of it: by what the user is known where the secret must not be kept.
    std::string proof() const;
};
static_assert(sizeof(User) <= 104, "with what malloc adds, 8 bytes more cost 16");

// By what the owner of a nick is known again: 0 and nothing, where it has none.
struct NickOwner {
    UserId user = 0;
    std::string proof;
};

}  // namespace netchat::serve

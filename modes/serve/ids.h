#pragma once

// The numbers by which the server's threads speak of the same things.

#include <cstdint>

namespace netchat::serve {

// A session: its loop's index in the top byte, a number that is never used again below. 0: none.
using SessionId = uint64_t;
using RoomId = uint32_t;  // given by the hub, never used again
using UserId = uint64_t;  // given by the hub, public as `user` in v2

constexpr size_t shardOf(SessionId id) {
    return static_cast<size_t>(id >> 56);
}

}  // namespace netchat::serve

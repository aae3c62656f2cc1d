#pragma once

// The numbers by which the server's threads speak of the same things.

#include <cstdint>

namespace netchat::serve {

// A session. 0: none. Never used again, though its slot is:
//
//     | loop: 8 bits | serial: 32 | slot: 24 |
//
// Slots are dense, so that whatever is kept by session is kept in a vector.
using SessionId = uint64_t;
using RoomId = uint32_t;  // given by the hub, never used again
using UserId = uint64_t;  // given by the hub, public as `user` in v2

constexpr unsigned kSlotBits = 24;
constexpr SessionId makeSessionId(size_t shard, uint32_t serial, uint32_t slot) {
    return static_cast<SessionId>(shard) << 56 | static_cast<SessionId>(serial) << kSlotBits | slot;
}
constexpr size_t shardOf(SessionId id) {
    return static_cast<size_t>(id >> 56);
}
constexpr uint32_t slotOf(SessionId id) {
    return static_cast<uint32_t>(id & ((uint32_t{1} << kSlotBits) - 1));
}

}  // namespace netchat::serve

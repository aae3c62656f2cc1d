#pragma once

// A draft of a message, as tests of logs say them.

#include <cstdint>
#include <string_view>

#include "modes/store/room_log.h"

namespace netchat::store {

inline Draft draftOf(std::string_view room, uint64_t user, std::string_view id,
                     std::string_view text) {
    Entry entry;
    entry.user = user;
    entry.id = id;
    entry.from = "alice";
    entry.text = text;
    entry.time = 1'764'000'000'123;
    return {room, entry};
}

}  // namespace netchat::store

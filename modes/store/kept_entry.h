#pragma once

// An entry of a room's log that owns its texts, so that it can be kept or sent elsewhere.

#include <cstdint>
#include <string>

#include "modes/store/room_log.h"

namespace netchat::store {

struct KeptEntry {
    EntryKind kind = EntryKind::Message;
    uint64_t seq = 0;
    int64_t time = 0;
    uint64_t user = 0;
    std::string id, from, text, sha256;
    uint64_t size = 0;
    Entry view() const { return {kind, seq, time, user, id, from, text, sha256, size}; }
};

}  // namespace netchat::store

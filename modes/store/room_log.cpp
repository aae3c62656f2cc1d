#include "modes/store/room_log.h"

#include <utility>

namespace netchat::store {

uint64_t RoomLog::bytesInAll() const {
    uint64_t all = 0;
    eachRoom([&](std::string_view room, const Range& range) {
        all += keptBytes(room) + kEntryBytes * (range.last + 1 - range.first);
    });
    return all;
}

void RoomLog::beginPurge(Purge& purge) const {
    if (std::exchange(purge.begun, true)) return;
    eachRoom([&](std::string_view room, const Range& range) {
        if (purge.room.empty() || purge.room == room) purge.ends.emplace(room, range.last + 1);
    });
}

}  // namespace netchat::store

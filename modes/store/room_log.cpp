#include "modes/store/room_log.h"

namespace netchat::store {

uint64_t RoomLog::bytesInAll() const {
    uint64_t all = 0;
    eachRoom([&](std::string_view room, const Range& range) {
        all += keptBytes(room) + kEntryBytes * (range.last + 1 - range.first);
    });
    return all;
}

}  // namespace netchat::store

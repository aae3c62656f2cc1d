#pragma once

// Searches a room by reading its entries, newest first, until enough is found or looked at: for a
// log that has no index, or whose index cannot be used now. Pure, but for `read`.

#include <functional>
#include <string>
#include <vector>

#include "modes/store/room_log.h"
#include "modes/store/searcher.h"
#include "protocol/result.h"

namespace netchat::store {

struct ReadableRoom {
    Range kept;
    // As RoomLog::read().
    std::function<Status(uint64_t seq, const RoomLog::Visitor& visit)> read;
};

// Looks at limits::kSearchedEntriesMax entries and limits::kSearchedBytesMax at most, about.
Result<SearchResult> searchByReading(const ReadableRoom& room, const SearchQuery& query,
                                     const std::vector<std::string>& words);

}  // namespace netchat::store

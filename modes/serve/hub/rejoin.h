#pragma once

// Where a member begins in a room's log that it has read before, perhaps under another identity of
// the log: after the last entry that both have. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "modes/store/room_log.h"
#include "protocol/log_places.h"

namespace netchat::serve {

struct Beginning {
    uint64_t nextSeq = 1;  // the first entry that is owed
    // The last entry in common, where the member has read on from there; it is to be told so.
    std::optional<uint64_t> common = {};
};

// `since`: none asks for what comes from now on. `places`: empty where the member says nothing of
// the log's identities; then a `since` beyond the last entry counts as the last.
Beginning beginningIn(const store::RoomLog& log, std::string_view room,
                      std::optional<uint64_t> since, const LogPlaces& places);

}  // namespace netchat::serve

#include "modes/serve/hub/rejoin.h"

#include <algorithm>

namespace netchat::serve {

namespace {

// The newest place of which the log knows the identity says most.
uint64_t commonOf(const store::RoomLog& log, std::string_view room, const LogPlaces& places) {
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
        if (const auto shared = log.sharedWith(place->log, room)) {
            return std::min(place->seq, *shared);
        }
    }
    return 0;
}

}  // namespace

Beginning beginningIn(const store::RoomLog& log, std::string_view room,
                      std::optional<uint64_t> since, const LogPlaces& places) {
    const uint64_t last = log.range(room).last;
    if (!since) return {last + 1};
    if (places.empty() || log.identity().empty()) return {std::min(*since, last) + 1};
    const uint64_t common = commonOf(log, room, places);
    if (*since <= common) return {*since + 1};
    return {common + 1, common};
}

}  // namespace netchat::serve

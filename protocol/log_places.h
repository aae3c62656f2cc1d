#pragma once

// Up to where somebody has read a room's log, under each identity that the log had meanwhile. A log
// gets another identity when its past may have changed: when it was restored from a copy, or has
// lost its end. The newest place of which a server knows the identity tells it what both have in
// common. On the wire: "5f1c09aa31d4be72@30,9e07b3c5d82f4410@50", the newest last. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat {

struct LogPlace {
    std::string log;   // an identity: 8 to 32 hexadecimal digits, lower case
    uint64_t seq = 0;  // the last entry that was read under it
};
using LogPlaces = std::vector<LogPlace>;

bool isLogIdentity(std::string_view text);

// BadHead: it is not such a list, or has more than limits::kLogPlacesMax places.
Result<LogPlaces> parseLogPlaces(std::string_view text);
std::string logPlacesText(const LogPlaces& places);

// The log is now `log`, and was read up to `seq`. Beyond the limit the oldest place is given up.
void moveTo(LogPlaces& places, std::string_view log, uint64_t seq);
// What was read beyond `seq` does not count any more.
void cutAt(LogPlaces& places, uint64_t seq);

}  // namespace netchat

#pragma once

// Reads a room's entries in their order, and says which of them are not there or are damaged: what
// does not have its checksum is not believed, not even its number.
//
//     due      v-- the next entry that is owed
//     rows   4 | 69 6 7 8        69 has not the checksum of 69: it is passed over,
//     visits 4 | lost 5, 6 7 8   and 5 is lost

#include <Poco/Data/Session.h>

#include <cstdint>
#include <functional>
#include <string_view>

#include "modes/store/sqlite_support.h"

namespace netchat::store {

// A room as its row says it is.
struct ScannedRoom {
    uint64_t number = 0;
    std::string_view name;
    uint64_t last = 0;    // entries beyond it are not looked at
    bool hasSums = true;  // older logs have none
};

struct Scan {
    // Until one returns false. Lost entries: the first, and how many in `size`.
    std::function<bool(const KeptEntry& entry)> visit;
    // Those that should be readable and are not, before they are visited.
    std::function<void(uint64_t first, uint64_t count)> damaged;
};

// False where the visitor has ended it. Pages of the database that cannot be read are so many lost
// entries; other errors are thrown as Poco::Exception.
bool scanEntries(Poco::Data::Session& session, const ScannedRoom& room, uint64_t from,
                 const Scan& scan);

}  // namespace netchat::store

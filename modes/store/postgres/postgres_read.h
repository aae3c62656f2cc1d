#pragma once

// Entries of one room, read from a log on PostgreSQL.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "modes/store/kept_entry.h"
#include "modes/store/postgres/postgres_connection.h"
#include "protocol/result.h"

namespace netchat::store {

struct PostgresRead {
    uint64_t from = 0, end = 0;           // entries of [from, end)
    size_t entriesMax = 0, bytesMax = 0;  // of texts; one entry comes whatever its size
    bool newest = false;                  // those next to `end`, where not all fit
};

// Oldest first; what is missing between two of them is there as Lost. None: it is not known, and to
// be asked again, for `why`. An error will not pass: the database is damaged. On the connection's
// thread.
std::optional<Result<std::vector<KeptEntry>>> readPostgres(PostgresConnection& connection,
                                                           int64_t room,
                                                           const PostgresRead& request,
                                                           std::string& why);

// Visits entries from `from` to `last`, a page after the other, until the visitor returns false.
using PostgresPage = std::function<Result<std::vector<KeptEntry>>(uint64_t from)>;
Status visitPages(uint64_t from, uint64_t last, const PostgresPage& page,
                  const RoomLog::Visitor& visit);

}  // namespace netchat::store

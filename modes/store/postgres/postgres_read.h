#pragma once

// Entries of one room, read from a log on PostgreSQL.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "modes/store/kept_entry.h"
#include "modes/store/postgres/postgres_connection.h"

namespace netchat::store {

struct PostgresRead {
    uint64_t from = 0, end = 0;           // entries of [from, end)
    size_t entriesMax = 0, bytesMax = 0;  // of texts; one entry comes whatever its size
    bool newest = false;                  // those next to `end`, where not all fit
};

// Oldest first; what is missing between two of them is there as Lost. False: it is not known, and
// `why`. On the connection's thread.
bool readPostgres(PostgresConnection& connection, int64_t room, const PostgresRead& request,
                  std::vector<KeptEntry>& entries, std::string& why);

}  // namespace netchat::store

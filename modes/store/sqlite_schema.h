#pragma once

// The tables of a room log and their versions (PRAGMA user_version). A database of an older version
// is brought up to date step by step, each in a transaction; a newer one is refused.

#include <Poco/Data/Session.h>

#include <filesystem>

#include "protocol/result.h"

namespace netchat::store {

int logSchemaVersion();
// From here on each row has its checksum.
inline constexpr int kFirstVersionWithSums = 5;
// And those of the identities that the log had.
inline constexpr int kFirstVersionWithEpochSums = 7;

// BadState: written by a newer netchat. Internal: damaged. The text goes after the file's name.
// Throws Poco::Exception.
Status bringUpToDate(Poco::Data::Session& session);

// Where the tables and indexes of a log of the newest version are not as a new log's.
struct TableDifferences {
    bool missing = false;  // one of a new log's is not there, or is another but for its case
    bool any = false;
};
// Throws Poco::Exception.
TableDifferences compareTables(Poco::Data::Session& session);

// Whether the tables agree with each other, as far as a few look-ups per room can tell; of a small
// database everything is checked. The same error. Throws Poco::Exception.
Status checkStructure(Poco::Data::Session& session);

}  // namespace netchat::store

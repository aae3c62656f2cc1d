#pragma once

// Whether a log that is not there was ever there. SQLite takes a file of no bytes for a new
// database, and removes the write-ahead log beside it: what a power cut has left of a log would be
// gone without a word.

#include <filesystem>
#include <string>

#include "protocol/result.h"

namespace netchat::store {

// Before a log is opened to be written. What its owner should hear, if anything. BadState: it is
// empty, or not there, and should not be: nothing is done to it.
Result<std::string> checkLogPresence(const std::filesystem::path& file);

// A new log is on the disk, with its name, before anything is said into it. False where the disk
// does not do that.
bool syncFolderOf(const std::filesystem::path& file);

}  // namespace netchat::store

#pragma once

// A data folder's log as JSON lines, and back. One object a line, in UTF-8:
//
//   {"kind":"user","user":7,"nick":"alice","secret":"…"}      by SHA-256, so that sessions go on
//   {"kind":"users","given":9}                                numbers that are not given again
//   {"kind":"room","room":"lobby","first":2}                  the first entry that is kept
//   {"kind":"said","room":"lobby","seq":1,"user":7,"id":"1"}  was said, and forgotten since
//   {"kind":"message","room":"lobby","seq":2,"time":1764000000123,"user":7,"id":"2","from":"alice",
//    "text":"hello"}
//   {"kind":"file",… as a message, but "name","size","sha256" for the text}
//   {"kind":"lost","room":"lobby","seq":3,"count":2}          entries that are damaged or gone
//
// Entries of a room stand in their order, without gaps. Reading changes nothing, and a server may
// be at work in the folder meanwhile: what is read is the log at one moment.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

// `room`: only this one, and no users; empty: everything. `out` takes a line with its end, and
// returns false to stop. BadState: there is no log, or a newer one; Internal: it cannot be read.
using LineOut = std::function<bool(std::string_view line)>;
Status exportLog(const std::filesystem::path& folder, const std::string& room, const LineOut& out);

struct Imported {
    uint64_t entries = 0, users = 0;
};
// Into a folder that has no log yet: all or nothing. BadValue: a line that cannot be taken, with
// its number. BadState: the folder has a log, or a server.
Result<Imported> importLog(const std::filesystem::path& folder, std::istream& in);

struct LogVerdict {
    uint64_t rooms = 0, entries = 0, files = 0;
    uint64_t missingFiles = 0;       // announced, and not there: dropped for room, perhaps
    std::vector<std::string> wrong;  // what does not hold, the first of it
};
// Order, gaps, what was said, and the hashes of files. The errors of exportLog().
Result<LogVerdict> verifyLog(const std::filesystem::path& folder, const std::string& room);

}  // namespace netchat::store

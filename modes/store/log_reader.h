#pragma once

// Reads a log's database without changing it, as it is at one moment, a server at work or not.

#include <Poco/Data/Session.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "modes/store/log_line.h"
#include "protocol/result.h"

namespace netchat::store {

// One thread.
class LogReader {
  public:
    struct Room {
        uint64_t number = 0;
        std::string name;
        uint64_t first = 1, last = 0;
    };

    // BadState: it is not there, or newer than this program. Internal: it cannot be read.
    static Result<std::unique_ptr<LogReader>> open(const std::filesystem::path& file);

    // All of them, or the one of this name; an error where that is not there.
    Result<std::vector<Room>> rooms(const std::string& name);
    // What an export holds, in its order, until the visitor returns false.
    using Visitor = std::function<bool(const LogLine& line)>;
    Status forEach(const std::string& room, const Visitor& visit);
    // The entries of a room; those that are damaged or not there as Lost, one line for all in a
    // row.
    Status forEachEntry(const Room& room, const Visitor& visit);
    // What SQLite finds wrong with the file, and what is said of entries and is not so.
    Result<std::vector<std::string>> faults();

  private:
    explicit LogReader(Poco::Data::Session session) : session_(std::move(session)) {}
    Status prepare();
    bool users(const Visitor& visit);
    bool forgotten(const Room& room, const Visitor& visit);
    bool entries(const Room& room, const Visitor& visit);
    bool hasExpectedTables();
    bool hasSums() const;  // older logs have none
    void countWrongSums(std::vector<std::string>& faults);
    void countFault(std::vector<std::string>& faults, const std::string& query,
                    const std::string& what);

    Poco::Data::Session session_;
    int version_ = 0;
};

}  // namespace netchat::store

#pragma once

// Makes the log of a new data folder from lines, in batches, into a file of another name that gets
// its own when it is complete.

#include <Poco/Data/Session.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "modes/store/folder_lock.h"
#include "modes/store/log_line.h"
#include "protocol/result.h"

namespace netchat::store {

// One thread; holds the folder's lock.
class LogWriter {
  public:
    // BadState: the folder has a log already, or a server.
    static Result<std::unique_ptr<LogWriter>> create(const std::filesystem::path& folder);
    ~LogWriter();  // removes what is not finished
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // BadValue: the line does not go on where the room stands, or says something twice.
    Status add(const LogLine& line);
    Status finish();

  private:
    struct Room {
        uint64_t number = 0, first = 0, last = 0, bytes = 0;
    };
    struct Statements;

    LogWriter(std::filesystem::path folder, std::unique_ptr<FolderLock> lock);
    Room& roomOf(const std::string& name);
    Status insert(const LogLine& line);
    static Status goOn(Room& room, const LogLine& line, uint64_t count);
    Status addEntry(const LogLine& line);
    Status addLost(const LogLine& line);
    Status addSaid(const LogLine& line, const Room& room);
    void writeRooms();

    const std::filesystem::path folder_, unfinished_;
    const std::unique_ptr<FolderLock> lock_;
    std::optional<Poco::Data::Session> session_;
    std::map<std::string, Room> rooms_;
    uint64_t usersGiven_ = 0;
    std::unique_ptr<Statements> statements_;  // of the session
    size_t pending_ = 0;                      // lines since the last commit
};

}  // namespace netchat::store

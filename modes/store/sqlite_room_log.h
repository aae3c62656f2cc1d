#pragma once

// The room log in an SQLite database in WAL mode, for what survives the server:
//
//   room   name -> number, last seq, first seq that is kept
//   entry  (room, seq) -> what was said
//   said   (user, id) -> (room, seq): the memory that a client said this already; never deleted
//   user   number -> nick, SHA-256 of the secret
//   counter  the numbers of users that were given
//
// One transaction per append. `process`: the write-ahead log is written, which survives the death
// of the process; `disk`: it is also synced, which survives the machine's.
// The schema has a version (PRAGMA user_version); older ones are migrated, a newer one is refused.

#include <Poco/Data/Session.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "modes/store/room_log.h"
#include "modes/store/user_log.h"

namespace netchat::store {

enum class Durability { Process, Disk };

// One owner thread.
class SqliteRoomLog : public RoomLog, public UserLog {
  public:
    // Opens or makes the database. An error says which file and why: not a database, damaged,
    // written by a newer netchat, no permission.
    static Result<std::unique_ptr<SqliteRoomLog>> open(const std::filesystem::path& file,
                                                       Durability durability);
    ~SqliteRoomLog() override;

    Result<std::vector<Appended>> append(std::span<const Draft> drafts) override;
    Range range(std::string_view room) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    std::string_view durability() const override;

    Result<uint64_t> reserve(uint64_t count) override;
    Status add(std::span<const UserRecord> users) override;
    std::optional<UserRecord> find(uint64_t number, const std::string& secret) override;

    // The names of all rooms with a log.
    std::vector<std::string> rooms() const;

  private:
    struct Room {
        uint64_t number = 0;
        Range range;
    };
    struct Rows;

    SqliteRoomLog(Poco::Data::Session session, Durability durability);
    Status prepare();
    void loadRooms();
    template <class Work>
    Status inTransaction(Work work);
    void appendInTransaction(std::span<const Draft> drafts, std::vector<Appended>& result,
                             std::map<std::string, Room, std::less<>>& changed);
    Room& roomIn(std::map<std::string, Room, std::less<>>& changed, std::string_view name);
    uint64_t saidBefore(uint64_t user, std::string_view id, const Rows& rows);
    void remember(uint64_t user, std::string_view id);

    mutable Poco::Data::Session session_;
    Durability durability_;
    std::map<std::string, Room, std::less<>> rooms_;
    uint64_t lastRoom_ = 0;
    // The largest number that a user has used as an id: what is above it was never said. Most
    // clients count, so that most entries need no look-up.
    std::unordered_map<uint64_t, uint64_t> largestId_;
};

}  // namespace netchat::store

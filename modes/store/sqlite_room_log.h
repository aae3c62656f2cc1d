#pragma once

// The room log in an SQLite database in WAL mode, for what survives the server:
//
//   room   name -> number, last seq, first seq that is kept, bytes that are kept
//   entry  (room, seq) -> what was said
//   said   (user, id) -> (room, seq): the memory that a client said this already; never deleted
//   user   number -> nick, SHA-256 of the secret
//   nick   nick -> the user whose it is, and when it was used last
//   counter  the numbers of users that were given; a random number that says which log this is
//   epoch  the identities that the log had, and where its rooms stood: log_epochs.h
//
// One transaction per append. `process`: the write-ahead log is written, which survives the death
// of the process; `disk`: it is also synced, which survives the machine's. Where the disk fails in
// between, the append is in doubt: nothing of it is read, and nothing more is appended, until
// findOut() knows. Where its file has lost its name nothing is appended. Each row has a checksum
// (row_sum.h), which is checked whenever it is read. Versions of the schema: sqlite_schema.h.

#include <Poco/Data/Session.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "modes/store/log_epochs.h"
#include "modes/store/log_mark.h"
#include "modes/store/opened_names.h"
#include "modes/store/room_log.h"
#include "modes/store/user_log.h"
#include "modes/store/wal_keeper.h"

struct sqlite3;

namespace netchat::store {

class Reserve;

// One owner thread.
class SqliteRoomLog : public RoomLog, public UserLog, public NickLog {
  public:
    // Opens or makes the database. An error says which file and why: not a database, damaged,
    // written by a newer netchat, no permission. `durability`: Process or Disk.
    // `tell`: what an owner of the server should hear of it later. Any thread.
    using Tell = std::function<void(const std::string& text)>;
    static Result<std::unique_ptr<SqliteRoomLog>> open(const std::filesystem::path& file,
                                                       Durability durability, Tell tell = {});
    ~SqliteRoomLog() override;

    Result<std::vector<Appended>> append(std::span<const Draft> drafts) override;
    bool isUnsure() const override { return doubt_ != nullptr; }
    std::optional<Appended> alreadySaid(const Draft& draft) override;
    Result<std::vector<Appended>> findOut() override;
    Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    uint64_t keptBytes(std::string_view room) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    Result<Purged> purgeSome(Purge& purge) override;
    Result<std::vector<std::string>> filesNamed(std::string_view name) override;
    Result<Forgotten> forgetSome(const Retention& retention, int64_t nowMs) override;
    std::string_view durability() const override;
    std::string_view identity() const override { return identity_; }
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;
    // What was found at the start, for its owner; empty: there is nothing to say.
    const std::string& finding() const { return finding_; }

    Result<uint64_t> reserve(uint64_t count) override;
    Status add(std::span<const UserRecord> users) override;
    std::string proofOf(uint64_t number) const override;
    std::optional<UserRecord> find(uint64_t number, const std::string& secret) override;

    Result<std::vector<NickRecord>> nicks() override;
    Status keep(std::span<const NickRecord> nicks) override;

    // Where the disk is full: said there, and taken from there what users need who only read; not
    // what they say. It outlives this.
    void useReserve(Reserve* reserve) { reserve_ = reserve; }

    // The names of all rooms with a log.
    std::vector<std::string> rooms() const;

  private:
    struct Room {
        uint64_t number = 0;
        Range range;
        uint64_t bytes = 0;     // of what is kept
        int64_t oldestMs = -1;  // the time of the first entry; -1: not looked up yet
        bool changing = false;  // by the transaction under way
    };
    struct Statements;
    struct Doubt;
    struct Prefix;
    struct Stretch;
    struct StretchMax;
    using Rooms = std::map<std::string, Room, std::less<>>;
    // A room that the transaction under way changes; its number was 0 if it is new.
    struct Change {
        Rooms::iterator room;
        Room before;
    };

    SqliteRoomLog(Poco::Data::Session session, std::filesystem::path file, Durability durability,
                  Tell tell);
    Status prepare();
    void loadRooms();
    void loadUsers();
    Status inTransaction(const std::function<void()>& work);
    void rollBack();
    sqlite3* database() const;
    static bool mayStandAfter(int code);
    bool syncLog();
    bool overwrite();
    bool moveAndSync();
    void beginDoubt(bool committed, const Error& error, std::vector<Appended> result);
    Status checkNames();
    std::filesystem::path rescueFile() const;
    bool rescue();
    void noteIfFull(const Status& status) const;
    Status withReserve(const std::function<Status()>& work);
    bool releaseWal();
    void tell(const std::string& text) const;
    void tellOfDamage(const std::string& room, uint64_t first, uint64_t count) const;
    void loadIdentity();
    void storeIdentity();
    void identityIsStored();
    void counted();
    void close();
    void appendInTransaction(std::span<const Draft> drafts, std::vector<Appended>& result);
    Room& roomToChange(std::string_view name);
    void endChanges(bool committed);
    struct Said {
        uint64_t seq = 0, room = 0;
    };
    Said saidBefore(uint64_t user, std::string_view id);
    std::optional<Appended> earlierThan(const Draft& draft);
    bool isNew(uint64_t user, std::string_view id);
    void remember(uint64_t user, std::string_view id);
    void noteNext(const Room& room, const Retention& retention);
    bool keptTooLong(Room& room, const Retention& retention, int64_t nowMs);
    Prefix prefixToForget(const Room& room, const Retention& retention, int64_t nowMs);
    void forget(const Room& room, const Prefix& prefix, std::vector<std::string>& files);
    void addUnannounced(const std::vector<std::string>& gone, std::vector<std::string>& files);
    static uint64_t costOf(const Room& room) {
        return room.bytes + kEntryBytes * (room.range.last + 1 - room.range.first);
    }
    Rooms::iterator largestRoom();
    Status forgetPrefix(Room& room, const Retention& retention, int64_t nowMs,
                        std::vector<std::string>& files);
    Stretch stretchToPurge(const Room& room, const Purge& purge, const StretchMax& most,
                           Purged& result);
    void take(const std::string& name, const Room& room, const Stretch& stretch,
              std::vector<std::string>& files);

    mutable Poco::Data::Session session_;
    std::unique_ptr<Statements> statements_;  // of the session, which must outlast them
    std::unique_ptr<WalKeeper> keeper_;       // and this
    LogEpochs epochs_;                        // and this
    std::unique_ptr<LogMarkFile> mark_;       // null: the start of the next run sees nothing of it
    const std::filesystem::path file_;
    const Durability durability_;
    const Tell tell_;
    Reserve* reserve_ = nullptr;
    std::string identity_, finding_;
    bool isIntact_ = false;       // the log, as far as the start could see
    bool identityStored_ = true;  // where it could not be at the start, it is with the first append
    uint64_t total_ = 0;          // entries that were ever appended, in all rooms
    Rooms rooms_;
    std::vector<Change> changed_;
    // Of the latest transaction: it was committed; it was not, and a start may find it all the
    // same.
    bool committed_ = false, mayStand_ = false;
    std::unique_ptr<Doubt> doubt_;
    OpenedNames names_;       // of the database and its write-ahead log
    bool displaced_ = false;  // one of them is another file, or none
    mutable std::set<std::pair<std::string, uint64_t>> damaged_;  // what was told of
    uint64_t lastRoom_ = 0;
    // Rooms are looked at in turn for what is to be forgotten: where that goes on, and the earliest
    // time that was found so far at which one has something.
    std::string forgetFrom_;
    std::optional<int64_t> forgetNextMs_;
    // The largest number that a user has used as an id: what is above it was never said. Most
    // clients count, so that most entries of users who came since the start need no look-up.
    std::unordered_map<uint64_t, uint64_t> largestId_;
    uint64_t knownUsersEnd_ = 0;  // users from here on had said nothing when largestId_ was empty
    uint64_t usersEnd_ = 0;       // and from here on, nothing so far
};

}  // namespace netchat::store

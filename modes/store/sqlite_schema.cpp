#include "modes/store/sqlite_schema.h"

#include <Poco/String.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

// Up to this size a check of every page takes less than 0.1 s.
constexpr uint64_t kCheckedWholeBytesMax = 32 * limits::kMiB;

// `work` comes before the statements, in transactions of its own: cut, it is begun anew.
struct Step {
    std::vector<const char*> statements;
    void (*work)(Session& session) = nullptr;
};

// Rows that get their checksums at a time: the write-ahead log stays short.
constexpr uint64_t kSummedAtOnce = 20'000;

void sumEntries(Session& session, uint64_t room) {
    uint64_t first = 0, last = 0;
    session << "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM entry WHERE room = ?",
        use(room), into(first), into(last), now;
    for (; first <= last; first += kSummedAtOnce) {
        uint64_t end = first + kSummedAtOnce;
        session
            << "UPDATE entry"
               " SET sum = row_sum((SELECT name FROM room WHERE number = entry.room), seq, kind,"
               " time, user, id, sender, text, sha256, size)"
               " WHERE room = ? AND seq >= ? AND seq < ? AND sum IS NULL",
            use(room), use(first), use(end), now;
    }
}

// What was kept without checksums is believed as it is.
void sumAll(Session& session) {
    std::vector<uint64_t> rooms;
    session << "SELECT number FROM room", into(rooms), now;
    for (const uint64_t room : rooms) sumEntries(session, room);
    session.begin();
    session << "UPDATE said SET sum = row_sum(user, id, room, seq) WHERE sum IS NULL", now;
    session << "UPDATE room SET sum = row_sum(number, name) WHERE sum IS NULL", now;
    session << "UPDATE user SET sum = row_sum(number, nick, secret) WHERE sum IS NULL", now;
    session << "UPDATE nick SET sum = row_sum(nick, user, used) WHERE sum IS NULL", now;
    session << "UPDATE counter SET sum = row_sum(users, identity) WHERE sum IS NULL", now;
    session.commit();
}

// Step n leads from version n to n + 1. A step is never changed once it was released.
const std::vector<Step>& steps() {
    static const std::vector<Step> all = {
        {{
            "CREATE TABLE room (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE,"
            " first INTEGER NOT NULL, last INTEGER NOT NULL)",
            "CREATE TABLE entry (room INTEGER NOT NULL, seq INTEGER NOT NULL,"
            " kind INTEGER NOT NULL, time INTEGER NOT NULL, user INTEGER NOT NULL, id BLOB,"
            " sender BLOB, text BLOB, sha256 BLOB, size INTEGER NOT NULL,"
            " PRIMARY KEY (room, seq)) WITHOUT ROWID",
            "CREATE TABLE said (user INTEGER NOT NULL, id BLOB NOT NULL, room INTEGER NOT NULL,"
            " seq INTEGER NOT NULL, PRIMARY KEY (user, id)) WITHOUT ROWID",
            "CREATE TABLE user (number INTEGER PRIMARY KEY, nick BLOB NOT NULL,"
            " secret BLOB NOT NULL)",
            "CREATE TABLE counter (users INTEGER NOT NULL)",
            "INSERT INTO counter VALUES (0)",
        }},
        {{
            // What a room's kept texts measure, for retention by size.
            "ALTER TABLE room ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0",
            "UPDATE room SET bytes = (SELECT coalesce(sum(coalesce(length(id), 0)"
            " + coalesce(length(sender), 0) + coalesce(length(text), 0)"
            " + coalesce(length(sha256), 0)), 0) FROM entry WHERE entry.room = room.number)",
            // Whether an entry announces a file still.
            "CREATE INDEX entry_file ON entry (sha256) WHERE sha256 IS NOT NULL",
            // Which log this is, for what is derived from it.
            "ALTER TABLE counter ADD COLUMN identity BLOB",
            "UPDATE counter SET identity = randomblob(16)",
        }},
        {{
            // Whose nick is whose while they are away.
            "CREATE TABLE nick (nick BLOB PRIMARY KEY, user INTEGER NOT NULL,"
            " used INTEGER NOT NULL) WITHOUT ROWID",
        }},
        {{
            // The checksum of each row (row_sum.h). What changes with every append, a room's end
            // and size, has none: it must agree with the entries.
            "ALTER TABLE entry ADD COLUMN sum INTEGER",
            "ALTER TABLE said ADD COLUMN sum INTEGER",
            "ALTER TABLE room ADD COLUMN sum INTEGER",
            "ALTER TABLE user ADD COLUMN sum INTEGER",
            "ALTER TABLE nick ADD COLUMN sum INTEGER",
            "ALTER TABLE counter ADD COLUMN sum INTEGER",
        }},
        {{}, sumAll},
        {{
            // Which identities the log had, and where its rooms stood when each of them ended.
            "CREATE TABLE epoch (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)",
            "CREATE TABLE epoch_end (room INTEGER NOT NULL, epoch INTEGER NOT NULL,"
            " last INTEGER NOT NULL, PRIMARY KEY (room, epoch)) WITHOUT ROWID",
        }},
        {{
            "ALTER TABLE epoch ADD COLUMN sum INTEGER",
            "ALTER TABLE epoch_end ADD COLUMN sum INTEGER",
            "UPDATE epoch SET sum = row_sum(number, id)",
            "UPDATE epoch_end SET sum = row_sum(room, epoch, last)",
        }},
    };
    return all;
}

Error damaged(const std::string& what) {
    return {ErrorCode::Internal,
            "is damaged (" + what +
                "); it is left unchanged: restore a copy, or see what `netchat log verify` and "
                "`netchat log export` can still read"};
}

// What made each table and index.
std::vector<std::string> tablesOf(Session& session) {
    std::vector<std::string> tables;
    session << "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '')"
               " FROM sqlite_master ORDER BY 1",
        into(tables), now;
    return tables;
}

// SQLite does not tell upper from lower case.
std::set<std::string> lowered(const std::vector<std::string>& tables) {
    std::set<std::string> all;
    for (const std::string& table : tables) all.insert(Poco::toLower(table));
    return all;
}

int versionOf(Session& session) {
    int version = 0;
    session << "PRAGMA user_version", into(version), now;
    return version;
}

}  // namespace

int logSchemaVersion() {
    return static_cast<int>(steps().size());
}

Status bringUpToDate(Session& session) {
    int version = versionOf(session);
    if (version > logSchemaVersion()) {
        return Error{ErrorCode::BadState, "was written by a newer netchat (it has version " +
                                              std::to_string(version) + ", this one knows " +
                                              std::to_string(logSchemaVersion()) + ")"};
    }
    if (version < 0) return damaged("its version is " + std::to_string(version));
    for (; version < logSchemaVersion(); ++version) {
        const Step& step = steps()[static_cast<size_t>(version)];
        if (step.work) step.work(session);
        session.begin();
        for (const char* statement : step.statements) session << statement, now;
        session << "PRAGMA user_version=" + std::to_string(version + 1), now;
        session.commit();
    }
    return Ok{};
}

// A new log's are made by the same steps.
TableDifferences compareTables(Session& session) {
    Session fresh = openSqliteInMemory();
    if (!bringUpToDate(fresh)) return {};
    const auto present = tablesOf(session), expected = tablesOf(fresh);
    const auto has = lowered(present), due = lowered(expected);
    TableDifferences found;
    found.missing = !std::includes(has.begin(), has.end(), due.begin(), due.end());
    found.any = present != expected;
    return found;
}

Status checkStructure(Session& session) {
    // A column of another type is read otherwise. An index that somebody has added does no harm.
    if (compareTables(session).missing) return damaged("its tables were altered");
    if (databaseBytes(session) <= kCheckedWholeBytesMax) {
        std::string verdict;
        session << "PRAGMA quick_check(1)", into(verdict), now;
        if (verdict != "ok") return damaged(verdict);
    }
    std::vector<uint64_t> wrong;
    session << "SELECT number FROM room WHERE first < 1 OR first > last + 1"
               " OR coalesce((SELECT max(seq) FROM entry WHERE entry.room = number), first - 1)"
               " <> last"
               " OR coalesce((SELECT min(seq) FROM entry WHERE entry.room = number), last + 1)"
               " <> first LIMIT 1",
        into(wrong), now;
    if (!wrong.empty()) {
        return damaged("its room " + std::to_string(wrong[0]) +
                       " does not end with its last entry");
    }
    session << "SELECT number FROM room WHERE sum IS NOT row_sum(number, name) LIMIT 1",
        into(wrong), now;
    if (!wrong.empty()) {
        return damaged("its room " + std::to_string(wrong[0]) + " has a wrong checksum");
    }
    session << "SELECT 1 FROM counter WHERE sum IS NOT row_sum(users, identity)", into(wrong), now;
    if (!wrong.empty()) return damaged("its counter has a wrong checksum");
    return Ok{};
}

}  // namespace netchat::store

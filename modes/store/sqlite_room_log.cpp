#include "modes/store/sqlite_room_log.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/Data/LOB.h>
#include <Poco/Data/RecordSet.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "protocol/same_secret.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;
using Poco::Data::Session;

constexpr int kSchemaVersion = 1;
// What one SELECT brings into memory.
constexpr size_t kReadRows = 256;
// Beyond it the largest ids are looked up again.
constexpr size_t kLargestIdsMax = 100'000;

// An empty text is kept as NULL: that is how POCO binds one.
constexpr const char* kSchema[] = {
    "CREATE TABLE room (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL)",
    "CREATE TABLE entry (room INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " time INTEGER NOT NULL, user INTEGER NOT NULL, id BLOB, sender BLOB, text BLOB,"
    " sha256 BLOB, size INTEGER NOT NULL,"
    " PRIMARY KEY (room, seq)) WITHOUT ROWID",
    "CREATE TABLE said (user INTEGER NOT NULL, id BLOB NOT NULL, room INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, PRIMARY KEY (user, id)) WITHOUT ROWID",
    "CREATE TABLE user (number INTEGER PRIMARY KEY, nick BLOB NOT NULL, secret BLOB NOT NULL)",
    "CREATE TABLE counter (users INTEGER NOT NULL)",
    "INSERT INTO counter VALUES (0)",
};

BLOB blob(std::string_view text) {
    return BLOB(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

std::string text(const BLOB& bytes) {
    return {reinterpret_cast<const char*>(bytes.rawContent()), bytes.size()};
}

std::string hashOf(const std::string& secret) {
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(secret);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

// An id that is a plain decimal number, or 0.
uint64_t numberOf(std::string_view id) {
    uint64_t number = 0;
    const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool plain = failure == std::errc{} && end == id.data() + id.size() && id[0] != '0';
    return plain ? number : 0;
}

Error errorOf(const Poco::Exception& e) {
    const bool full = dynamic_cast<const Poco::Data::SQLite::DatabaseFullException*>(&e) ||
                      e.message().find("full") != std::string::npos;
    if (full) return {ErrorCode::NoRoom, "the server's disk is full"};
    return {ErrorCode::Internal, "the server's log failed: " + e.displayText()};
}

}  // namespace

// The columns of one append.
struct SqliteRoomLog::Rows {
    std::vector<uint64_t> room, seq, time, user, size;
    std::vector<int> kind;
    std::vector<BLOB> id, sender, text, sha256;
    std::vector<uint64_t> saidUser, saidRoom, saidSeq;
    std::vector<BLOB> saidId;
    // Those of this append, which the database does not have yet.
    std::map<std::pair<uint64_t, std::string>, uint64_t> saidNow;
};

Result<std::unique_ptr<SqliteRoomLog>> SqliteRoomLog::open(const std::filesystem::path& file,
                                                           Durability durability) {
    try {
        Poco::Data::SQLite::Connector::registerConnector();
        Session session("SQLite", file.string(), 5);
        auto log = std::unique_ptr<SqliteRoomLog>(new SqliteRoomLog(session, durability));
        auto status = log->prepare();
        if (!status) {
            return Error{status.error().code, file.string() + " " + status.error().text};
        }
        std::error_code ignored;
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
            ignored);
        return log;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal,
                     file.string() + " cannot be used as the log: " + e.displayText()};
    }
}

SqliteRoomLog::SqliteRoomLog(Session session, Durability durability)
    : session_(std::move(session)), durability_(durability) {
}

SqliteRoomLog::~SqliteRoomLog() = default;

std::string_view SqliteRoomLog::durability() const {
    return durability_ == Durability::Disk ? "disk" : "process";
}

Status SqliteRoomLog::prepare() {
    session_ << "PRAGMA journal_mode=WAL", now;
    session_ << (durability_ == Durability::Disk ? "PRAGMA synchronous=FULL"
                                                 : "PRAGMA synchronous=NORMAL"),
        now;
    int version = 0;
    session_ << "PRAGMA user_version", into(version), now;
    if (version > kSchemaVersion) {
        return Error{ErrorCode::BadState, "was written by a newer netchat (its version is " +
                                              std::to_string(version) + ", this one knows " +
                                              std::to_string(kSchemaVersion) + ")"};
    }
    if (version == 0) {
        session_.begin();
        for (const char* statement : kSchema) session_ << statement, now;
        session_ << "PRAGMA user_version=" + std::to_string(kSchemaVersion), now;
        session_.commit();
    }
    loadRooms();
    return Ok{};
}

void SqliteRoomLog::loadRooms() {
    std::vector<uint64_t> numbers, firsts, lasts;
    std::vector<BLOB> names;
    session_ << "SELECT number, name, first, last FROM room", into(numbers), into(names),
        into(firsts), into(lasts), now;
    for (size_t i = 0; i < numbers.size(); ++i) {
        rooms_[text(names[i])] = {numbers[i], {firsts[i], lasts[i]}};
        lastRoom_ = std::max(lastRoom_, numbers[i]);
    }
}

std::vector<std::string> SqliteRoomLog::rooms() const {
    std::vector<std::string> names;
    for (const auto& [name, room] : rooms_) names.push_back(name);
    return names;
}

// All of the work, or nothing of it.
template <class Work>
Status SqliteRoomLog::inTransaction(Work work) {
    try {
        session_.begin();
        work();
        session_.commit();
        return Ok{};
    } catch (const Poco::Exception& e) {
        const Error error = errorOf(e);
        try {
            if (session_.isTransaction()) session_.rollback();
        } catch (const Poco::Exception&) {
            // SQLite has rolled back by itself.
        }
        return error;
    }
}

// ---- appending

Result<std::vector<Appended>> SqliteRoomLog::append(std::span<const Draft> drafts) {
    std::vector<Appended> result;
    std::map<std::string, Room, std::less<>> changed;
    const uint64_t roomsBefore = lastRoom_;
    const auto status = inTransaction([&] { appendInTransaction(drafts, result, changed); });
    if (!status) {
        lastRoom_ = roomsBefore;
        return status.error();
    }
    // Only what is committed is known.
    for (size_t i = 0; i < drafts.size(); ++i) {
        if (!result[i].duplicate) remember(drafts[i].entry.user, drafts[i].entry.id);
    }
    for (auto& [name, room] : changed) rooms_[name] = room;
    return result;
}

void SqliteRoomLog::appendInTransaction(std::span<const Draft> drafts,
                                        std::vector<Appended>& result,
                                        std::map<std::string, Room, std::less<>>& changed) {
    Rows rows;
    for (const Draft& draft : drafts) {
        const Entry& e = draft.entry;
        if (const uint64_t seq = saidBefore(e.user, e.id, rows)) {
            result.push_back({seq, true});
            continue;
        }
        Room& room = roomIn(changed, draft.room);
        const uint64_t seq = ++room.range.last;
        result.push_back({seq, false});
        rows.room.push_back(room.number), rows.seq.push_back(seq);
        rows.kind.push_back(static_cast<int>(e.kind));
        rows.time.push_back(static_cast<uint64_t>(e.time)), rows.user.push_back(e.user);
        rows.id.push_back(blob(e.id)), rows.sender.push_back(blob(e.from));
        rows.text.push_back(blob(e.text)), rows.sha256.push_back(blob(e.sha256));
        rows.size.push_back(e.size);
        if (e.id.empty()) continue;
        rows.saidUser.push_back(e.user), rows.saidId.push_back(blob(e.id));
        rows.saidRoom.push_back(room.number), rows.saidSeq.push_back(seq);
        rows.saidNow[{e.user, std::string(e.id)}] = seq;
    }
    if (rows.room.empty()) return;
    session_ << "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", use(rows.room),
        use(rows.seq), use(rows.kind), use(rows.time), use(rows.user), use(rows.id),
        use(rows.sender), use(rows.text), use(rows.sha256), use(rows.size), now;
    if (!rows.saidUser.empty()) {
        session_ << "INSERT INTO said VALUES (?, ?, ?, ?)", use(rows.saidUser), use(rows.saidId),
            use(rows.saidRoom), use(rows.saidSeq), now;
    }
    for (auto& [name, room] : changed) {
        BLOB nameBytes = blob(name);
        session_ << "INSERT INTO room VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (number) DO UPDATE SET last = excluded.last",
            use(room.number), use(nameBytes), use(room.range.first), use(room.range.last), now;
    }
}

// The room as this transaction leaves it.
SqliteRoomLog::Room& SqliteRoomLog::roomIn(std::map<std::string, Room, std::less<>>& changed,
                                           std::string_view name) {
    const auto it = changed.find(name);
    if (it != changed.end()) return it->second;
    const auto known = rooms_.find(name);
    Room room = known != rooms_.end() ? known->second : Room{++lastRoom_, {}};
    return changed.emplace(std::string(name), room).first->second;
}

// The seq under which this user's id is in the log; 0 when it is not.
uint64_t SqliteRoomLog::saidBefore(uint64_t user, std::string_view id, const Rows& rows) {
    if (id.empty()) return 0;
    const auto current = rows.saidNow.find({user, std::string(id)});
    if (current != rows.saidNow.end()) return current->second;
    auto largest = largestId_.find(user);
    if (largest == largestId_.end()) {
        if (largestId_.size() >= kLargestIdsMax) largestId_.clear();
        uint64_t number = 0;
        session_ << "SELECT coalesce(max(CAST(CAST(id AS TEXT) AS INTEGER)), 0) FROM said"
                    " WHERE user = ?",
            use(user), into(number), now;
        largest = largestId_.emplace(user, number).first;
    }
    if (numberOf(id) > largest->second) return 0;
    uint64_t seq = 0;
    BLOB idBytes = blob(id);
    session_ << "SELECT seq FROM said WHERE user = ? AND id = ?", use(user), use(idBytes),
        into(seq), now;
    return seq;
}

void SqliteRoomLog::remember(uint64_t user, std::string_view id) {
    const auto it = largestId_.find(user);
    if (it != largestId_.end()) it->second = std::max(it->second, numberOf(id));
}

// ---- reading

Range SqliteRoomLog::range(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? Range{} : it->second.range;
}

Status SqliteRoomLog::read(std::string_view name, uint64_t seq, const Visitor& visit) const {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return Ok{};
    uint64_t room = it->second.number;
    try {
        for (;;) {
            std::vector<uint64_t> seqs, times, users, sizes;
            std::vector<int> kinds;
            std::vector<BLOB> ids, senders, texts, hashes;
            session_ << "SELECT seq, kind, time, user, id, sender, text, sha256, size FROM entry"
                        " WHERE room = ? AND seq >= ? ORDER BY seq LIMIT " +
                            std::to_string(kReadRows),
                use(room), use(seq), into(seqs), into(kinds), into(times), into(users), into(ids),
                into(senders), into(texts), into(hashes), into(sizes), now;
            for (size_t i = 0; i < seqs.size(); ++i) {
                const std::string id = text(ids[i]), from = text(senders[i]);
                const std::string said = text(texts[i]), sha256 = text(hashes[i]);
                const Entry entry{static_cast<EntryKind>(kinds[i]),
                                  seqs[i],
                                  static_cast<int64_t>(times[i]),
                                  users[i],
                                  id,
                                  from,
                                  said,
                                  sha256,
                                  sizes[i]};
                if (!visit(entry)) return Ok{};
            }
            if (seqs.size() < kReadRows) return Ok{};
            seq = seqs.back() + 1;
        }
    } catch (const Poco::Exception& e) {
        return errorOf(e);
    }
}

// ---- users

Status SqliteRoomLog::add(std::span<const UserRecord> users) {
    std::vector<uint64_t> numbers;
    std::vector<BLOB> nicks, secrets;
    for (const UserRecord& user : users) {
        numbers.push_back(user.number);
        nicks.push_back(blob(user.nick));
        secrets.push_back(blob(hashOf(user.secret)));
    }
    if (numbers.empty()) return Ok{};
    return inTransaction([&] {
        session_ << "INSERT INTO user VALUES (?, ?, ?)", use(numbers), use(nicks), use(secrets),
            now;
    });
}

Result<uint64_t> SqliteRoomLog::reserve(uint64_t count) {
    uint64_t given = 0;
    const auto status = inTransaction([&] {
        session_ << "SELECT users FROM counter", into(given), now;
        session_ << "UPDATE counter SET users = users + ?", use(count), now;
    });
    if (!status) return status.error();
    return given + 1;
}

std::optional<UserRecord> SqliteRoomLog::find(uint64_t number, const std::string& secret) {
    std::vector<BLOB> nicks, secrets;
    try {
        session_ << "SELECT nick, secret FROM user WHERE number = ?", use(number), into(nicks),
            into(secrets), now;
    } catch (const Poco::Exception&) {
        return {};
    }
    if (secrets.empty() || !sameSecret(text(secrets[0]), hashOf(secret))) return {};
    return UserRecord{number, text(nicks[0]), secret};
}

}  // namespace netchat::store

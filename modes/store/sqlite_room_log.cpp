#include "modes/store/sqlite_room_log.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/Data/LOB.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "modes/store/sqlite_schema.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"
#include "protocol/same_secret.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;
using Poco::Data::Session;

// What the first SELECT of a reading brings into memory, and the later ones.
constexpr size_t kFirstRows = 64;
constexpr size_t kReadRows = 512;
// Beyond it the largest ids are forgotten, and looked up.
constexpr size_t kLargestIdsMax = 100'000;
// Rooms that are looked at for something to forget, at a time.
constexpr size_t kRoomsLookedAtMax = 1000;

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

uint64_t bytesOf(const Entry& e) {
    return e.id.size() + e.from.size() + e.text.size() + e.sha256.size();
}

}  // namespace

// What one append inserts.
struct SqliteRoomLog::Rows {
    NewRows inserted;
    // Those of this append, which the database does not have yet.
    std::map<std::pair<uint64_t, std::string>, uint64_t> saidNow;
};

Result<std::unique_ptr<SqliteRoomLog>> SqliteRoomLog::open(const std::filesystem::path& file,
                                                           Durability durability) {
    try {
        auto log =
            std::unique_ptr<SqliteRoomLog>(new SqliteRoomLog(openSqlite(file), file, durability));
        auto status = log->prepare();
        if (!status) {
            return Error{status.error().code, file.string() + " " + status.error().text};
        }
        return log;
    } catch (const Poco::Exception& e) {
        return Error{
            ErrorCode::Internal,
            file.string() + " cannot be used as the log, and is left as it is: " + e.displayText()};
    }
}

SqliteRoomLog::SqliteRoomLog(Session session, std::filesystem::path file, Durability durability)
    : session_(std::move(session)), file_(std::move(file)), durability_(durability) {
}

SqliteRoomLog::~SqliteRoomLog() = default;

std::string_view SqliteRoomLog::durability() const {
    return durability_ == Durability::Disk ? "disk" : "process";
}

Status SqliteRoomLog::prepare() {
    // Nothing is written before the file is known to be one of ours.
    int version = 0;
    session_ << "PRAGMA user_version", into(version), now;
    if (version > logSchemaVersion()) return bringUpToDate(session_);
    session_ << "PRAGMA journal_mode=WAL", now;
    session_ << (durability_ == Durability::Disk ? "PRAGMA synchronous=FULL"
                                                 : "PRAGMA synchronous=NORMAL"),
        now;
    // What a burst makes of the write-ahead log is given back.
    session_ << "PRAGMA journal_size_limit=67108864", now;
    auto status = bringUpToDate(session_);
    if (status) status = checkStructure(session_);
    if (!status) return status;
    loadRooms();
    loadUsers();
    return Ok{};
}

void SqliteRoomLog::loadRooms() {
    std::vector<uint64_t> numbers, firsts, lasts, bytes;
    std::vector<BLOB> names;
    session_ << "SELECT number, name, first, last, bytes FROM room", into(numbers), into(names),
        into(firsts), into(lasts), into(bytes), now;
    for (size_t i = 0; i < numbers.size(); ++i) {
        rooms_[textOf(names[i])] = {numbers[i], {firsts[i], lasts[i]}, bytes[i], -1};
        lastRoom_ = std::max(lastRoom_, numbers[i]);
    }
}

void SqliteRoomLog::loadUsers() {
    uint64_t given = 0, spoke = 0;
    session_ << "SELECT users FROM counter", into(given), now;
    session_ << "SELECT coalesce(max(user), 0) FROM said", into(spoke), now;
    knownUsersEnd_ = usersEnd_ = std::max(given, spoke) + 1;
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
        session_ << "BEGIN IMMEDIATE", now;
        work();
        session_ << "COMMIT", now;
        return Ok{};
    } catch (const Poco::Exception& e) {
        const Error error = sqliteError(e, file_);
        try {
            session_ << "ROLLBACK", now;
        } catch (const Poco::Exception&) {
            // SQLite has rolled back by itself.
        }
        return error;
    }
}

// ---- appending

Result<std::vector<Appended>> SqliteRoomLog::append(std::span<const Draft> drafts) {
    std::vector<Appended> result;
    Rooms changed;
    const uint64_t roomsBefore = lastRoom_;
    const auto status = inTransaction([&] { appendInTransaction(drafts, result, changed); });
    if (!status) {
        lastRoom_ = roomsBefore;
        return status.error();
    }
    // Only what is committed is known.
    for (size_t i = 0; i < drafts.size(); ++i) {
        const Entry& entry = drafts[i].entry;
        if (!result[i].duplicate && !entry.id.empty()) remember(entry.user, entry.id);
    }
    for (auto& [name, room] : changed) rooms_[name] = room;
    return result;
}

void SqliteRoomLog::appendInTransaction(std::span<const Draft> drafts,
                                        std::vector<Appended>& result, Rooms& changed) {
    Rows rows;
    for (const Draft& draft : drafts) {
        const Entry& e = draft.entry;
        if (const uint64_t seq = saidBefore(e.user, e.id, rows)) {
            result.push_back({seq, true});
            continue;
        }
        Room& room = roomIn(changed, draft.room);
        const uint64_t seq = ++room.range.last;
        room.bytes += bytesOf(e);
        if (seq == room.range.first) room.oldestMs = e.time;
        result.push_back({seq, false});
        rows.inserted.addEntry(room.number, seq, e);
        if (e.id.empty()) continue;
        rows.inserted.addSaid(e.user, e.id, room.number, seq);
        rows.saidNow[{e.user, std::string(e.id)}] = seq;
    }
    rows.inserted.insert(session_);
    for (auto& [name, room] : changed) {
        BLOB nameBytes = blobOf(name);
        session_ << "INSERT INTO room VALUES (?, ?, ?, ?, ?) ON CONFLICT (number)"
                    " DO UPDATE SET last = excluded.last, bytes = excluded.bytes",
            use(room.number), use(nameBytes), use(room.range.first), use(room.range.last),
            use(room.bytes), now;
    }
}

// The room as this transaction leaves it.
SqliteRoomLog::Room& SqliteRoomLog::roomIn(Rooms& changed, std::string_view name) {
    const auto it = changed.find(name);
    if (it != changed.end()) return it->second;
    const auto known = rooms_.find(name);
    Room room = known != rooms_.end() ? known->second : Room{++lastRoom_, {}, 0, -1};
    return changed.emplace(std::string(name), room).first->second;
}

// The seq under which this user's id is in the log; 0 when it is not.
uint64_t SqliteRoomLog::saidBefore(uint64_t user, std::string_view id, const Rows& rows) {
    if (id.empty()) return 0;
    const auto current = rows.saidNow.find({user, std::string(id)});
    if (current != rows.saidNow.end()) return current->second;
    if (isNew(user, id)) return 0;
    uint64_t seq = 0;
    BLOB idBytes = blobOf(id);
    session_ << "SELECT seq FROM said WHERE user = ? AND id = ?", use(user), use(idBytes),
        into(seq), now;
    return seq;
}

// True when it is known without a look-up that this user has not said this before.
bool SqliteRoomLog::isNew(uint64_t user, std::string_view id) {
    if (user >= usersEnd_) return true;
    const auto largest = largestId_.find(user);
    return largest != largestId_.end() && numberOf(id) > largest->second;
}

void SqliteRoomLog::remember(uint64_t user, std::string_view id) {
    if (largestId_.size() >= kLargestIdsMax) {
        largestId_.clear();
        knownUsersEnd_ = usersEnd_;
    }
    usersEnd_ = std::max(usersEnd_, user + 1);
    if (user < knownUsersEnd_) return;
    uint64_t& largest = largestId_[user];
    largest = std::max(largest, numberOf(id));
}

// ---- reading

Range SqliteRoomLog::range(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? Range{} : it->second.range;
}

Status SqliteRoomLog::read(std::string_view name, uint64_t seq, const Visitor& visit) const {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return Ok{};
    try {
        for (size_t most = kFirstRows;; most = kReadRows) {
            const EntryRows rows(session_, it->second.number, seq, most);
            for (size_t i = 0; i < rows.size(); ++i) {
                const KeptEntry entry = rows.at(i);
                if (!visit(entry.view())) return Ok{};
            }
            if (rows.size() < most) return Ok{};
            seq = rows.lastSeq() + 1;
        }
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

// ---- forgetting

// The oldest entries of a room that are to go.
struct SqliteRoomLog::Prefix {
    uint64_t end = 0;  // the first seq that stays
    uint64_t bytes = 0;
    int64_t oldestMs = -1;           // of what stays
    std::vector<std::string> files;  // announced by what goes
};

Result<Forgotten> SqliteRoomLog::forgetSome(const Retention& retention, int64_t nowMs) {
    Forgotten result;
    if (rooms_.empty() || (retention.ageMs <= 0 && retention.bytes == 0)) return result;
    try {
        auto it = rooms_.lower_bound(forgetFrom_);
        const size_t most = std::min(rooms_.size(), kRoomsLookedAtMax);
        for (size_t looked = 0; looked < most; ++looked, ++it) {
            if (it == rooms_.end()) it = rooms_.begin();
            if (!keptTooLong(it->second, retention, nowMs)) continue;
            const Prefix prefix = prefixToForget(it->second, retention, nowMs);
            auto status = inTransaction([&] { forget(it->second, prefix, result.files); });
            if (!status) return status.error();
            it->second.range.first = prefix.end;
            it->second.bytes -= prefix.bytes;
            it->second.oldestMs = prefix.oldestMs;
            forgetFrom_ = it->first;
            result.more = true;
            return result;
        }
        forgetFrom_ = it == rooms_.end() ? std::string() : it->first;
        return result;
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

bool SqliteRoomLog::keptTooLong(Room& room, const Retention& retention, int64_t nowMs) {
    if (room.range.first > room.range.last) return false;
    if (retention.bytes > 0 && room.bytes > retention.bytes) return true;
    if (retention.ageMs <= 0) return false;
    if (room.oldestMs < 0) {
        uint64_t time = 0;
        session_ << "SELECT time FROM entry WHERE room = ? AND seq = ?", use(room.number),
            use(room.range.first), into(time), now;
        room.oldestMs = static_cast<int64_t>(time);
    }
    return room.oldestMs < nowMs - retention.ageMs;
}

SqliteRoomLog::Prefix SqliteRoomLog::prefixToForget(const Room& room, const Retention& retention,
                                                    int64_t nowMs) {
    std::vector<uint64_t> times, sizes;
    std::vector<BLOB> hashes;
    uint64_t number = room.number, first = room.range.first;
    session_ << "SELECT time, coalesce(length(id), 0) + coalesce(length(sender), 0)"
                " + coalesce(length(text), 0) + coalesce(length(sha256), 0), sha256"
                " FROM entry WHERE room = ? AND seq >= ? ORDER BY seq LIMIT " +
                    std::to_string(limits::kForgottenAtOnceMax),
        use(number), use(first), into(times), into(sizes), into(hashes), now;
    Prefix prefix;
    prefix.end = first;
    for (size_t i = 0; i < times.size(); ++i) {
        const auto time = static_cast<int64_t>(times[i]);
        const bool large = retention.bytes > 0 && room.bytes - prefix.bytes > retention.bytes;
        const bool old = retention.ageMs > 0 && time < nowMs - retention.ageMs;
        if (!large && !old) {
            prefix.oldestMs = time;
            break;
        }
        ++prefix.end;
        prefix.bytes += sizes[i];
        if (hashes[i].size() > 0) prefix.files.push_back(textOf(hashes[i]));
    }
    return prefix;
}

void SqliteRoomLog::forget(const Room& room, const Prefix& prefix,
                           std::vector<std::string>& files) {
    uint64_t number = room.number, end = prefix.end, bytes = room.bytes - prefix.bytes;
    session_ << "DELETE FROM entry WHERE room = ? AND seq < ?", use(number), use(end), now;
    session_ << "UPDATE room SET first = ?, bytes = ? WHERE number = ?", use(end), use(bytes),
        use(number), now;
    for (const std::string& sha256 : prefix.files) {
        BLOB sought = blobOf(sha256);
        uint64_t announced = 0;
        session_ << "SELECT EXISTS (SELECT 1 FROM entry WHERE sha256 = ?)", use(sought),
            into(announced), now;
        if (announced == 0) files.push_back(sha256);
    }
}

// ---- users

Status SqliteRoomLog::add(std::span<const UserRecord> users) {
    std::vector<uint64_t> numbers;
    std::vector<BLOB> nicks, secrets;
    for (const UserRecord& user : users) {
        numbers.push_back(user.number);
        nicks.push_back(blobOf(user.nick));
        secrets.push_back(blobOf(hashOf(user.secret)));
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
    if (secrets.empty() || !sameSecret(textOf(secrets[0]), hashOf(secret))) return {};
    return UserRecord{number, textOf(nicks[0]), secret};
}

}  // namespace netchat::store

#include "modes/store/sqlite_room_log.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/Data/LOB.h>

#include <algorithm>
#include <utility>

#include "modes/store/id_number.h"
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

uint64_t bytesOf(const Entry& e) {
    return e.id.size() + e.from.size() + e.text.size() + e.sha256.size();
}

}  // namespace

// What every append runs.
struct SqliteRoomLog::Statements {
    explicit Statements(Session& session)
        : begin(session, "BEGIN IMMEDIATE"),
          commit(session, "COMMIT"),
          said(session, "SELECT seq FROM said WHERE user = ? AND id = ?"),
          makeRoom(session,
                   "INSERT INTO room (last, bytes, number, name, first) VALUES (?, ?, ?, ?, 1)"),
          growRoom(session, "UPDATE room SET last = ?, bytes = ? WHERE number = ?"),
          inserter(session) {}
    SqliteStatement begin, commit, said, makeRoom, growRoom;
    EntryInserter inserter;
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
    statements_ = std::make_unique<Statements>(session_);
    loadRooms();
    loadUsers();
    keeper_ = std::make_unique<WalKeeper>(session_, file_);
    return Ok{};
}

void SqliteRoomLog::loadRooms() {
    std::vector<uint64_t> numbers, firsts, lasts, bytes;
    std::vector<BLOB> names;
    session_ << "SELECT number, name, first, last, bytes FROM room", into(numbers), into(names),
        into(firsts), into(lasts), into(bytes), now;
    for (size_t i = 0; i < numbers.size(); ++i) {
        rooms_[textOf(names[i])] = {numbers[i], {firsts[i], lasts[i]}, bytes[i]};
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
        statements_->begin.run();
        work();
        statements_->commit.run();
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
    result.reserve(drafts.size());
    const auto status = inTransaction([&] { appendInTransaction(drafts, result); });
    const bool added = status && !changed_.empty();
    endChanges(!!status);
    if (!status) return status.error();
    if (added) grew();
    return result;
}

void SqliteRoomLog::appendInTransaction(std::span<const Draft> drafts,
                                        std::vector<Appended>& result) {
    for (const Draft& draft : drafts) {
        const Entry& e = draft.entry;
        if (const uint64_t seq = saidBefore(e.user, e.id)) {
            result.push_back({seq, true});
            continue;
        }
        Room& room = roomToChange(draft.room);
        const uint64_t seq = ++room.range.last;
        room.bytes += bytesOf(e);
        if (seq == room.range.first) room.oldestMs = e.time;
        result.push_back({seq, false});
        statements_->inserter.addEntry(room.number, seq, e);
        if (e.id.empty()) continue;
        statements_->inserter.addSaid(e.user, e.id, room.number, seq);
        remember(e.user, e.id);
    }
    for (const Change& change : changed_) {
        const auto& [name, room] = *change.room;
        const bool isNew = change.before.number == 0;
        SqliteStatement& put = isNew ? statements_->makeRoom : statements_->growRoom;
        put.bind(1, room.range.last).bind(2, room.bytes).bind(3, room.number);
        if (isNew) put.bind(4, name);
        put.run();
    }
}

// The room, which this transaction changes.
SqliteRoomLog::Room& SqliteRoomLog::roomToChange(std::string_view name) {
    if (!changed_.empty() && changed_.back().room->first == name) {
        return changed_.back().room->second;
    }
    auto it = rooms_.find(name);
    if (it != rooms_.end() && it->second.changing) return it->second;
    if (it == rooms_.end()) it = rooms_.emplace(std::string(name), Room{}).first;
    Room& room = it->second;
    changed_.push_back({it, room});
    if (room.number == 0) room.number = ++lastRoom_;
    room.changing = true;
    return room;
}

// Only what is committed is known.
void SqliteRoomLog::endChanges(bool committed) {
    for (const Change& change : changed_) {
        change.room->second.changing = false;
        if (committed) continue;
        if (change.before.number > 0) {
            change.room->second = change.before;
        } else {
            rooms_.erase(change.room);
            --lastRoom_;
        }
    }
    changed_.clear();
}

// The seq under which this user's id is in the log; 0 when it is not.
uint64_t SqliteRoomLog::saidBefore(uint64_t user, std::string_view id) {
    if (id.empty() || isNew(user, id)) return 0;
    SqliteStatement& said = statements_->said;
    said.bind(1, user).bind(2, id);
    const uint64_t seq = said.step() ? said.number(0) : 0;
    said.reset();
    return seq;
}

// True when it is known without a look-up that this user has not said this before.
bool SqliteRoomLog::isNew(uint64_t user, std::string_view id) {
    if (user >= usersEnd_) return true;
    const auto largest = largestId_.find(user);
    return largest != largestId_.end() && idNumber(id) > largest->second;
}

// Also of an append that fails then: what is looked up needlessly is not there.
void SqliteRoomLog::remember(uint64_t user, std::string_view id) {
    if (largestId_.size() >= kLargestIdsMax) {
        largestId_.clear();
        knownUsersEnd_ = usersEnd_;
    }
    usersEnd_ = std::max(usersEnd_, user + 1);
    if (user < knownUsersEnd_) return;
    uint64_t& largest = largestId_[user];
    largest = std::max(largest, idNumber(id));
}

// ---- reading

Range SqliteRoomLog::range(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? Range{} : it->second.range;
}

void SqliteRoomLog::eachRoom(const RoomVisitor& visit) const {
    for (const auto& [name, room] : rooms_) {
        if (room.range.first <= room.range.last) visit(name, room.range);
    }
}

uint64_t SqliteRoomLog::keptBytes(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? 0 : it->second.bytes;
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
        for (size_t looked = 0; looked < kRoomsLookedAtMax && it != rooms_.end(); ++looked, ++it) {
            if (!keptTooLong(it->second, retention, nowMs)) {
                noteNext(it->second, retention);
                continue;
            }
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
        result.more = it != rooms_.end();
        forgetFrom_ = result.more ? it->first : std::string();
        if (!result.more) result.nextMs = std::exchange(forgetNextMs_, {});
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

void SqliteRoomLog::noteNext(const Room& room, const Retention& retention) {
    if (retention.ageMs <= 0 || room.range.first > room.range.last) return;
    const int64_t ms = room.oldestMs + retention.ageMs + 1;
    forgetNextMs_ = std::min(forgetNextMs_.value_or(ms), ms);
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

std::string SqliteRoomLog::proofOf(uint64_t number) const {
    std::vector<BLOB> secrets;
    try {
        session_ << "SELECT secret FROM user WHERE number = ?", use(number), into(secrets), now;
    } catch (const Poco::Exception&) {
        return {};
    }
    return secrets.empty() ? std::string() : textOf(secrets[0]);
}

Result<std::vector<NickRecord>> SqliteRoomLog::nicks() {
    std::vector<BLOB> nicks;
    std::vector<uint64_t> users;
    std::vector<int64_t> used;
    try {
        session_ << "SELECT nick, user, used FROM nick ORDER BY used DESC", into(nicks),
            into(users), into(used), now;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal,
                     file_.string() + ": its nicks cannot be read: " + e.displayText()};
    }
    std::vector<NickRecord> records;
    for (size_t i = 0; i < nicks.size(); ++i) {
        records.push_back({textOf(nicks[i]), users[i], used[i]});
    }
    return records;
}

Status SqliteRoomLog::keep(std::span<const NickRecord> nicks) {
    std::vector<uint64_t> users;
    std::vector<int64_t> used;
    std::vector<BLOB> kept, all;
    for (const NickRecord& record : nicks) {
        all.push_back(blobOf(record.nick));
        if (record.user == 0) continue;
        kept.push_back(all.back());
        users.push_back(record.user);
        used.push_back(record.usedMs);
    }
    if (all.empty()) return Ok{};
    return inTransaction([&] {
        session_ << "DELETE FROM nick WHERE nick = ?", use(all), now;
        if (kept.empty()) return;
        session_ << "INSERT INTO nick VALUES (?, ?, ?)", use(kept), use(users), use(used), now;
    });
}

}  // namespace netchat::store

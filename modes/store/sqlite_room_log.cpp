#include "modes/store/sqlite_room_log.h"

#include <Poco/Data/LOB.h>
#include <Poco/Data/SQLite/Utility.h>

#include <sqlite3.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "modes/store/entry_scan.h"
#include "modes/store/id_number.h"
#include "modes/store/log_existence.h"
#include "modes/store/log_identity.h"
#include "modes/store/reserve.h"
#include "modes/store/sqlite_schema.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;
using Poco::Data::Session;

// Beyond it the largest ids are forgotten, and looked up.
constexpr size_t kLargestIdsMax = 100'000;
// Damaged entries that are told of one by one.
constexpr size_t kDamagedToldMax = 1000;

}  // namespace

// What every append runs.
struct SqliteRoomLog::Statements {
    explicit Statements(Session& session)
        : begin(session, "BEGIN IMMEDIATE"),
          commit(session, "COMMIT"),
          said(session, "SELECT seq, room, sum FROM said WHERE user = ? AND id = ?"),
          makeRoom(session,
                   "INSERT INTO room (last, bytes, number, name, first, sum)"
                   " VALUES (?, ?, ?, ?, 1, row_sum(?3, ?4))"),
          growRoom(session, "UPDATE room SET last = ?, bytes = ? WHERE number = ?"),
          inserter(session) {}
    SqliteStatement begin, commit, said, makeRoom, growRoom;
    EntryInserter inserter;
};

// An append of which it is not known whether it stands in the log.
struct SqliteRoomLog::Doubt {
    bool committed = false;                           // it does, and is not as safe as was promised
    Error error;                                      // its answer where it does not
    std::vector<Appended> result;                     // and where it does
    std::vector<std::pair<std::string, Room>> rooms;  // as they are then
};

Result<std::unique_ptr<SqliteRoomLog>> SqliteRoomLog::open(const std::filesystem::path& file,
                                                           Durability durability, Tell tell) {
    auto noted = checkLogPresence(file);
    if (!noted) return noted.error();
    if (tell && !noted->empty()) tell(*noted);
    try {
        auto log = std::unique_ptr<SqliteRoomLog>(
            new SqliteRoomLog(openSqlite(file), file, durability, std::move(tell)));
        auto status = log->prepare();
        if (!status) {
            return Error{status.error().code, file.string() + " " + status.error().text};
        }
        return log;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal,
                     file.string() +
                         " cannot be used as the log, and is left unchanged: " + e.displayText()};
    }
}

SqliteRoomLog::SqliteRoomLog(Session session, std::filesystem::path file, Durability durability,
                             Tell tell)
    : session_(std::move(session)),
      epochs_(session_),
      file_(std::move(file)),
      durability_(durability),
      tell_(std::move(tell)) {
}

SqliteRoomLog::~SqliteRoomLog() {
    close();
}

// In order, so that the next start need not look for what is missing.
void SqliteRoomLog::close() {
    keeper_.reset();
    statements_.reset();
    try {
        session_.close();
        if (mark_) mark_->ended();
    } catch (const Poco::Exception&) {
        // It counts as a run that was not ended.
    }
}

std::string_view SqliteRoomLog::durability() const {
    return durability_ == Durability::Disk ? "disk" : "process";
}

Status SqliteRoomLog::prepare() {
    // Nothing is written before the file is known to be one of ours.
    int version = 0;
    session_ << "PRAGMA user_version", into(version), now;
    if (version > logSchemaVersion()) return bringUpToDate(session_);
    session_ << "PRAGMA journal_mode=WAL", now;
    // What a commit has written is synced after it, where that is promised: so it is known whether
    // it stands in the log.
    session_ << "PRAGMA synchronous=NORMAL", now;
    // What a burst makes of the write-ahead log is given back.
    session_ << "PRAGMA journal_size_limit=67108864", now;
    auto status = bringUpToDate(session_);
    if (status) status = checkStructure(session_);
    if (!status) return status;
    // A power cut leaves a new log as it is now, not empty.
    if (version == 0 && (!moveAndSync() || !syncFolderOf(file_))) {
        return Error{ErrorCode::Internal, "cannot be synced to its disk"};
    }
    statements_ = std::make_unique<Statements>(session_);
    loadRooms();
    loadUsers();
    loadIdentity();
    names_.note({file_, file_.string() + "-wal"});
    keeper_ = std::make_unique<WalKeeper>(
        session_, file_,
        durability_ == Durability::Disk ? WalKeeper::Sync::ByCommit : WalKeeper::Sync::Background,
        tell_);
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

// Another than that of the last run, unless the log is what that run left.
void SqliteRoomLog::loadIdentity() {
    counted();
    LogFound found = findLastRun(file_);
    found.identity = identity_ = epochs_.newest();
    found.total = total_;
    const LogVerdictAtStart verdict = judgeStart(found);
    finding_ = verdict.text;
    isIntact_ = verdict.intact;
    if (!verdict.same) {
        identity_ = newLogIdentity();
        // A disk that is full now may not be later.
        identityStored_ = !!inTransaction([this] { epochs_.begin(identity_, isIntact_); });
    }
    mark_ = LogMarkFile::begin(file_, identityStored_ ? identity_ : found.identity, total_);
}

// Within a transaction that appends: what is read under an identity is in a log that has it.
void SqliteRoomLog::storeIdentity() {
    if (!identityStored_) epochs_.begin(identity_, isIntact_);
}

// It is in the log, and so in what tells the next start of this run.
void SqliteRoomLog::identityIsStored() {
    if (identityStored_) return;
    identityStored_ = true;
    mark_ = LogMarkFile::begin(file_, identity_, total_);
}

// All anew, as at the start: an append counts what it adds.
void SqliteRoomLog::counted() {
    total_ = 0;
    for (const auto& [name, room] : rooms_) total_ += room.range.last;
    if (mark_) mark_->committed(total_);
}

std::optional<uint64_t> SqliteRoomLog::sharedWith(std::string_view identity,
                                                  std::string_view name) const {
    const auto it = rooms_.find(name);
    const uint64_t last = it == rooms_.end() ? 0 : it->second.range.last;
    if (identity == identity_) return last;
    try {
        return epochs_.endOf(identity, it == rooms_.end() ? 0 : it->second.number, last);
    } catch (const Poco::Exception&) {
        return {};  // read from the beginning, as of one that is not known
    }
}

std::vector<std::string> SqliteRoomLog::rooms() const {
    std::vector<std::string> names;
    for (const auto& [name, room] : rooms_) names.push_back(name);
    return names;
}

// ---- transactions

// All of the work, or nothing of it. On an error it may be done again; only after that is it sure.
Status SqliteRoomLog::inTransaction(const std::function<void()>& work) {
    committed_ = mayStand_ = false;
    try {
        statements_->begin.run();
        work();
        if (auto status = checkNames(); !status) {
            rollBack();
            return status;
        }
    } catch (const Poco::Exception& e) {
        const Error error = sqliteError(e, file_);
        rollBack();
        return error;
    }
    try {
        statements_->commit.run();
    } catch (const Poco::Exception& e) {
        mayStand_ = mayStandAfter(sqlite3_extended_errcode(database()));
        const Error error = sqliteError(e, file_);
        rollBack();
        return error;
    }
    committed_ = true;
    if (durability_ == Durability::Disk && !syncLog()) {
        return Error{ErrorCode::Internal, "the server's disk does not sync its log"};
    }
    return Ok{};
}

void SqliteRoomLog::rollBack() {
    try {
        session_ << "ROLLBACK", now;
    } catch (const Poco::Exception&) {
        // SQLite has rolled back by itself.
    }
}

sqlite3* SqliteRoomLog::database() const {
    return Poco::Data::SQLite::Utility::dbHandle(session_);
}

// A commit that fails may have written all that a start after a kill takes for a commit: it fails
// when the log's index cannot grow, for one. What could not be written is certain.
bool SqliteRoomLog::mayStandAfter(int code) {
    const int primary = code & 0xFF;
    return primary != SQLITE_FULL && primary != SQLITE_BUSY && code != SQLITE_IOERR_WRITE;
}

bool SqliteRoomLog::syncLog() {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    return file && file->pMethods && file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

// A commit takes the place of what the one before it may have left behind. True where it is there,
// as safely as is promised.
bool SqliteRoomLog::overwrite() {
    return !!reserve(1);
}

// What the kernel could not write it may never try again: the pages go to the database, which is
// synced.
bool SqliteRoomLog::moveAndSync() {
    int frames = 0, moved = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(database(), "main", SQLITE_CHECKPOINT_FULL, &frames, &moved);
    return code == SQLITE_OK && frames >= 0 && frames == moved;
}

void SqliteRoomLog::tell(const std::string& text) const {
    if (tell_) tell_(text);
}

// ---- appending

Result<std::vector<Appended>> SqliteRoomLog::append(std::span<const Draft> drafts) {
    if (doubt_) {
        return Error{
            ErrorCode::Internal,
            "the server does not know whether its log has the last messages; try again later"};
    }
    // What little may fit is the reserve's, for operators.
    if (reserve_ && reserve_->isFull()) {
        return Error{ErrorCode::NoRoom, "the server's disk is full; try again later"};
    }
    std::vector<Appended> result;
    result.reserve(drafts.size());
    const auto status = inTransaction([&] { appendInTransaction(drafts, result); });
    const bool added = status && !changed_.empty(), committed = committed_;
    if (!status && !changed_.empty() && (committed || (mayStand_ && !overwrite()))) {
        beginDoubt(committed, status.error(), std::move(result));
    }
    endChanges(!!status);
    noteIfFull(status);
    if (!status) return status.error();
    if (added) grew();
    return result;
}

void SqliteRoomLog::beginDoubt(bool committed, const Error& error, std::vector<Appended> result) {
    doubt_ = std::make_unique<Doubt>(Doubt{committed, error, std::move(result), {}});
    for (const Change& change : changed_) doubt_->rooms.emplace_back(*change.room);
    tell("it is not known whether the log has stored the last messages (" + error.text +
         "): new messages are refused until it is");
}

// Nothing of it was readable so far.
Result<std::vector<Appended>> SqliteRoomLog::findOut() {
    assert(doubt_);
    if (doubt_->committed ? !moveAndSync() : !overwrite()) return doubt_->error;
    const std::unique_ptr<Doubt> doubt = std::move(doubt_);
    tell(doubt->committed ? "the log has stored the messages in doubt, and continues"
                          : "the log has not stored the messages in doubt, and continues");
    if (!doubt->committed) return doubt->error;
    for (auto& [name, room] : doubt->rooms) {
        room.changing = false;
        lastRoom_ = std::max(lastRoom_, room.number);
        rooms_.insert_or_assign(name, room);
    }
    // As after any commit: the identity is in the log with it, and the mark counts it.
    identityIsStored();
    counted();
    grew();
    return std::move(doubt->result);
}

void SqliteRoomLog::appendInTransaction(std::span<const Draft> drafts,
                                        std::vector<Appended>& result) {
    for (const Draft& draft : drafts) {
        const Entry& e = draft.entry;
        if (const auto earlier = earlierThan(draft)) {
            result.push_back(*earlier);
            continue;
        }
        Room& room = roomToChange(draft.room);
        const uint64_t seq = ++room.range.last;
        room.bytes += textBytes(e);
        if (seq == room.range.first) room.oldestMs = e.time;
        result.push_back({seq, false});
        statements_->inserter.addEntry(room.number, draft.room, seq, e);
        if (e.id.empty()) continue;
        statements_->inserter.addSaid(e.user, e.id, room.number, seq);
        remember(e.user, e.id);
    }
    if (!changed_.empty()) storeIdentity();
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
        if (committed) total_ += change.room->second.range.last - change.before.range.last;
        if (committed) continue;
        if (change.before.number > 0) {
            change.room->second = change.before;
        } else {
            rooms_.erase(change.room);
            --lastRoom_;
        }
    }
    if (committed && !changed_.empty()) identityIsStored();
    if (committed && !changed_.empty() && mark_) mark_->committed(total_);
    changed_.clear();
}

std::optional<Appended> SqliteRoomLog::earlierThan(const Draft& draft) {
    const Said said = saidBefore(draft.entry.user, draft.entry.id);
    if (said.seq == 0) return {};
    const auto it = rooms_.find(draft.room);
    const bool here = it != rooms_.end() && it->second.number == said.room;
    return Appended{said.seq, true, !here};
}

std::optional<Appended> SqliteRoomLog::alreadySaid(const Draft& draft) {
    try {
        return earlierThan(draft);
    } catch (const Poco::Exception&) {
        return {};  // a log that cannot even be read has nothing for anybody
    }
}

// Where this user's id is in the log; seq 0 when it is not.
SqliteRoomLog::Said SqliteRoomLog::saidBefore(uint64_t user, std::string_view id) {
    if (id.empty() || isNew(user, id)) return {};
    SqliteStatement& said = statements_->said;
    said.bind(1, user).bind(2, id);
    Said found;
    bool good = true;
    if (said.step()) {
        found = {said.number(0), said.number(1)};
        good = said.number(2) == saidSum(user, id, found.room, found.seq);
    }
    said.reset();
    if (good) return found;
    tell("message '" + std::string(id) + "' of user " + std::to_string(user) +
         " is damaged in the log, and counts as not sent");
    return {};
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
    const auto& [room, found] = *it;
    Scan scan;
    scan.visit = [&visit](const KeptEntry& entry) { return visit(entry.view()); };
    scan.damaged = [this, &it](uint64_t first, uint64_t count) {
        tellOfDamage(it->first, first, count);
    };
    try {
        scanEntries(session_, {found.number, room, found.range.last},
                    std::max(seq, found.range.first), scan);
        return Ok{};
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

// Once for each.
void SqliteRoomLog::tellOfDamage(const std::string& room, uint64_t first, uint64_t count) const {
    if (damaged_.size() >= kDamagedToldMax || !damaged_.insert({room, first}).second) return;
    const std::string which = count == 1 ? "entry " + std::to_string(first) + " is"
                                         : "entries " + std::to_string(first) + " to " +
                                               std::to_string(first + count - 1) + " are";
    tell("the log is damaged: " + which + " missing in the room " + room +
         "; see netchat log verify, and restore a copy");
    if (damaged_.size() == kDamagedToldMax) tell("further damaged entries are not logged");
}

}  // namespace netchat::store

#include "modes/store/log_reader.h"

#include <algorithm>
#include <string_view>

#include "modes/store/entry_scan.h"
#include "modes/store/sqlite_schema.h"
#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

constexpr size_t kRowsAtOnce = 1000;
constexpr size_t kFaultsMax = 20;

Error unreadable(const Poco::Exception& e) {
    return {ErrorCode::Internal, "the log cannot be read: " + e.displayText()};
}

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::open(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return Error{ErrorCode::BadState, "there is no log " + file.string()};
    }
    try {
        auto reader = std::unique_ptr<LogReader>(new LogReader(openSqliteToRead(file)));
        auto status = reader->prepare();
        if (!status) {
            return Error{status.error().code, file.string() + " " + status.error().text};
        }
        return reader;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal, file.string() + " cannot be read: " + e.displayText()};
    }
}

Status LogReader::prepare() {
    // One moment for all that is read.
    session_ << "BEGIN", now;
    session_ << "PRAGMA user_version", into(version_), now;
    if (version_ > logSchemaVersion()) {
        return Error{ErrorCode::BadState, "was written by a newer netchat"};
    }
    if (version_ < 1) return Error{ErrorCode::BadState, "is not a log of netchat"};
    uint64_t columns = 0;
    session_ << "SELECT count(*) FROM pragma_table_info('entry') WHERE name = 'sum'", into(columns),
        now;
    if (columns > 0 && version_ < kFirstVersionWithSums - 1) {
        return Error{ErrorCode::Internal, "is damaged: it claims version " +
                                              std::to_string(version_) + ", but is newer"};
    }
    return Ok{};
}

Result<std::vector<LogReader::Room>> LogReader::rooms(const std::string& name) {
    try {
        std::vector<uint64_t> numbers, firsts, lasts;
        std::vector<BLOB> names;
        session_ << "SELECT number, name, first, last FROM room ORDER BY name", into(numbers),
            into(names), into(firsts), into(lasts), now;
        std::vector<Room> found;
        for (size_t i = 0; i < numbers.size(); ++i) {
            Room room{numbers[i], textOf(names[i]), firsts[i], lasts[i]};
            if (name.empty() || room.name == name) found.push_back(std::move(room));
        }
        if (found.empty() && !name.empty()) {
            return Error{ErrorCode::BadRoom, "there is no room '" + name + "' in this log"};
        }
        return found;
    } catch (const Poco::Exception& e) {
        return unreadable(e);
    }
}

Status LogReader::forEach(const std::string& name, const Visitor& visit) {
    const auto found = rooms(name);
    if (!found) return found.error();
    try {
        if (name.empty() && !users(visit)) return Ok{};
        for (const Room& room : *found) {
            LogLine line;
            line.kind = LogLine::Kind::Room;
            line.room = room.name;
            line.entry.seq = room.first;
            if (!visit(line) || !forgotten(room, visit) || !entries(room, visit)) break;
        }
        return Ok{};
    } catch (const Poco::Exception& e) {
        return unreadable(e);
    }
}

Status LogReader::forEachEntry(const Room& room, const Visitor& visit) {
    try {
        entries(room, visit);
        return Ok{};
    } catch (const Poco::Exception& e) {
        return unreadable(e);
    }
}

bool LogReader::users(const Visitor& visit) {
    LogLine line;
    line.kind = LogLine::Kind::Users;
    session_ << "SELECT users FROM counter", into(line.given), now;
    if (!visit(line)) return false;
    line.kind = LogLine::Kind::User;
    for (uint64_t after = 0;;) {
        std::vector<uint64_t> numbers;
        std::vector<BLOB> nicks, secrets;
        session_
            << "SELECT number, nick, secret FROM user WHERE number > ? ORDER BY number LIMIT " +
                   std::to_string(kRowsAtOnce),
            use(after), into(numbers), into(nicks), into(secrets), now;
        for (size_t i = 0; i < numbers.size(); ++i) {
            line.entry.user = after = numbers[i];
            line.nick = textOf(nicks[i]);
            line.secret = textOf(secrets[i]);
            if (!visit(line)) return false;
        }
        if (numbers.size() < kRowsAtOnce) return true;
    }
}

// What was said and is kept no longer, by its ids.
bool LogReader::forgotten(const Room& room, const Visitor& visit) {
    uint64_t number = room.number, holes = 0;
    session_ << "SELECT EXISTS (SELECT 1 FROM entry WHERE room = ? AND kind = 2)", use(number),
        into(holes), now;
    if (room.first <= 1 && holes == 0) return true;
    LogLine line;
    line.kind = LogLine::Kind::Said;
    line.room = room.name;
    uint64_t first = room.first, user = 0;
    for (BLOB id;;) {
        std::vector<uint64_t> users, seqs;
        std::vector<BLOB> ids;
        session_ << "SELECT user, id, seq FROM said WHERE (user, id) > (?, coalesce(?, x''))"
                    " AND room = ? AND (seq < ? OR EXISTS (SELECT 1 FROM entry AS e"
                    " WHERE e.room = said.room AND e.seq = said.seq AND e.kind = 2))"
                    " ORDER BY user, id LIMIT " +
                        std::to_string(kRowsAtOnce),
            use(user), use(id), use(number), use(first), into(users), into(ids), into(seqs), now;
        for (size_t i = 0; i < users.size(); ++i) {
            line.entry.user = user = users[i];
            line.entry.id = textOf(ids[i]);
            line.entry.seq = seqs[i];
            if (!visit(line)) return false;
        }
        if (users.size() < kRowsAtOnce) return true;
        id = ids.back();
    }
}

bool LogReader::entries(const Room& room, const Visitor& visit) {
    Scan scan;
    scan.visit = [&](const KeptEntry& entry) {
        LogLine line;
        line.room = room.name;
        line.entry = entry;
        line.kind = entry.kind == EntryKind::Lost   ? LogLine::Kind::Lost
                    : entry.kind == EntryKind::File ? LogLine::Kind::File
                                                    : LogLine::Kind::Message;
        return visit(line);
    };
    return scanEntries(session_, {room.number, room.name, room.last, hasSums()}, room.first, scan);
}

Result<std::vector<std::string>> LogReader::faults() {
    try {
        std::vector<std::string> found;
        session_ << "PRAGMA integrity_check(" + std::to_string(kFaultsMax) + ")", into(found), now;
        if (found == std::vector<std::string>{"ok"}) found.clear();
        countFault(found,
                   "SELECT count(*) FROM entry AS e WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1"
                   " FROM said AS s WHERE s.user = e.user AND s.id = e.id AND s.room = e.room"
                   " AND s.seq = e.seq)",
                   "entries could be stored twice, because their ids are missing");
        countFault(found,
                   "SELECT count(*) FROM said AS s JOIN room AS r ON r.number = s.room"
                   " WHERE s.seq >= r.first AND NOT EXISTS (SELECT 1 FROM entry AS e"
                   " WHERE e.room = s.room AND e.seq = s.seq"
                   " AND (e.kind = 2 OR (e.user = s.user AND e.id = s.id)))",
                   "ids have no entries");
        countFault(found, "SELECT count(*) FROM entry WHERE room NOT IN (SELECT number FROM room)",
                   "entries belong to a missing room");
        countFault(found,
                   "SELECT count(*) FROM entry AS e JOIN room AS r ON r.number = e.room"
                   " WHERE e.seq < r.first OR e.seq > r.last",
                   "entries are outside the range of their room");
        countFault(found,
                   "SELECT count(*) FROM room WHERE bytes <> (SELECT coalesce(sum("
                   "coalesce(length(id), 0) + coalesce(length(sender), 0)"
                   " + coalesce(length(text), 0) + coalesce(length(sha256), 0)), 0)"
                   " FROM entry WHERE entry.room = room.number)",
                   "rooms have a wrong text size");
        if (hasSums()) countWrongSums(found);
        if (!hasExpectedTables()) found.emplace_back("the tables were altered");
        return found;
    } catch (const Poco::Exception& e) {
        return unreadable(e);
    }
}

// Of older versions nothing is known.
bool LogReader::hasExpectedTables() {
    return version_ != logSchemaVersion() || !compareTables(session_).any;
}

bool LogReader::hasSums() const {
    return version_ >= kFirstVersionWithSums;
}

void LogReader::countWrongSums(std::vector<std::string>& faults) {
    countFault(
        faults,
        "SELECT count(*) FROM entry AS e JOIN room AS r ON r.number = e.room"
        " WHERE e.sum IS NOT row_sum(r.name, seq, kind, time, user, id, sender, text, sha256,"
        " size)",
        "entries are damaged: their checksums do not match");
    const std::pair<const char*, const char*> tables[] = {
        {"said", "user, id, room, seq"},   {"room", "number, name"},
        {"user", "number, nick, secret"},  {"nick", "nick, user, used"},
        {"counter", "users, identity"},    {"epoch", "number, id"},
        {"epoch_end", "room, epoch, last"}};
    for (const auto& [table, columns] : tables) {
        const bool isOfEpochs = std::string_view(table).starts_with("epoch");
        if (isOfEpochs && version_ < kFirstVersionWithEpochSums) continue;
        countFault(faults,
                   std::string("SELECT count(*) FROM ") + table + " WHERE sum IS NOT row_sum(" +
                       columns + ")",
                   std::string("rows of the table ") + table +
                       " are damaged: their checksums do not match");
    }
}

void LogReader::countFault(std::vector<std::string>& faults, const std::string& query,
                           const std::string& what) {
    uint64_t count = 0;
    session_ << query, into(count), now;
    if (count > 0) faults.push_back(std::to_string(count) + " " + what);
}

}  // namespace netchat::store

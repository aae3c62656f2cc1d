#include "modes/store/log_writer.h"

#include <Poco/Data/SQLite/SQLiteException.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "modes/store/sqlite_schema.h"
#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

constexpr size_t kRowsPerCommit = 2000;
constexpr uint64_t kLostEntriesMax = 10'000'000;
constexpr const char* kEndings[] = {"", "-wal", "-shm", "-journal"};

Status syncToDisk(const fs::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    const bool good = fd >= 0 && ::fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (good) return Ok{};
    return Error{ErrorCode::Internal,
                 file.string() + ": " + std::generic_category().message(error)};
}

Error unusable(const std::string& what) {
    return {ErrorCode::BadValue, what};
}

}  // namespace

struct LogWriter::Statements {
    explicit Statements(Poco::Data::Session& session)
        : log(session),
          user(
              session,
              "INSERT INTO user (number, nick, secret, sum) VALUES (?, ?, ?, row_sum(?1, ?2, ?3))"),
          said(session, "SELECT 1 FROM said WHERE user = ? AND id = ?") {}
    EntryInserter log;
    SqliteStatement user, said;
};

Result<std::unique_ptr<LogWriter>> LogWriter::create(const fs::path& folder) {
    auto lock = FolderLock::take(folder);
    if (!lock) return lock.error();
    if (fs::exists(folder / "log.sqlite")) {
        return Error{ErrorCode::BadState,
                     "the folder " + folder.string() + " has a log already; import into a new one"};
    }
    auto writer = std::unique_ptr<LogWriter>(new LogWriter(folder, std::move(*lock)));
    try {
        for (const char* ending : kEndings) fs::remove(writer->unfinished_.string() + ending);
        writer->session_.emplace(openSqlite(writer->unfinished_));
        // Nobody looks at it before it is complete.
        *writer->session_ << "PRAGMA synchronous=OFF", now;
        auto status = bringUpToDate(*writer->session_);
        if (!status) return status.error();
        writer->statements_ = std::make_unique<Statements>(*writer->session_);
        writer->session_->begin();
        return writer;
    } catch (const Poco::Exception& e) {
        return sqliteError(e, writer->unfinished_);
    } catch (const fs::filesystem_error& e) {
        return Error{ErrorCode::Internal, e.what()};
    }
}

LogWriter::LogWriter(fs::path folder, std::unique_ptr<FolderLock> lock)
    : folder_(std::move(folder)), unfinished_(folder_ / "import.sqlite"), lock_(std::move(lock)) {
}

LogWriter::~LogWriter() {
    statements_.reset();
    session_.reset();
    std::error_code ignored;
    for (const char* ending : kEndings) fs::remove(unfinished_.string() + ending, ignored);
}

LogWriter::Room& LogWriter::roomOf(const std::string& name) {
    Room& room = rooms_[name];
    if (room.number == 0) room.number = rooms_.size();
    return room;
}

Status LogWriter::add(const LogLine& line) {
    try {
        auto status = insert(line);
        if (!status || ++pending_ < kRowsPerCommit) return status;
        pending_ = 0;
        session_->commit();
        session_->begin();
        return Ok{};
    } catch (const Poco::Data::SQLite::ConstraintViolationException&) {
        return unusable("an id of a user, or a user, occurs twice");
    } catch (const Poco::Exception& e) {
        return sqliteError(e, unfinished_);
    }
}

Status LogWriter::insert(const LogLine& line) {
    switch (line.kind) {
        case LogLine::Kind::Users:
            usersGiven_ = std::max(usersGiven_, line.given);
            return Ok{};
        case LogLine::Kind::User:
            usersGiven_ = std::max(usersGiven_, line.entry.user);
            statements_->user.bind(1, line.entry.user).bind(2, line.nick).bind(3, line.secret);
            statements_->user.run();
            return Ok{};
        case LogLine::Kind::Room:
            if (Room& room = roomOf(line.room); room.first == 0) {
                room.first = line.entry.seq;
                room.last = line.entry.seq - 1;
            }
            return Ok{};
        case LogLine::Kind::Said:
            return addSaid(line, roomOf(line.room));
        case LogLine::Kind::Lost:
            return addLost(line);
        case LogLine::Kind::Message:
        case LogLine::Kind::File:
            return addEntry(line);
    }
    return Ok{};
}

// BadValue where the room does not go on so.
Status LogWriter::goOn(Room& room, const LogLine& line, uint64_t count) {
    const uint64_t seq = line.entry.seq;
    if (room.first > 0 && seq != room.last + 1) {
        return unusable("the room " + line.room + " continues with seq " +
                        std::to_string(room.last + 1) + ", not " + std::to_string(seq));
    }
    if (room.first == 0) room.first = seq;
    room.last = seq + count - 1;
    return Ok{};
}

Status LogWriter::addEntry(const LogLine& line) {
    const KeptEntry& e = line.entry;
    Room& room = roomOf(line.room);
    if (auto status = goOn(room, line, 1); !status) return status;
    room.bytes += textBytes(e.view());
    usersGiven_ = std::max(usersGiven_, e.user);
    statements_->log.addEntry(room.number, line.room, e.seq, e.view());
    return e.id.empty() ? Status(Ok{}) : addSaid(line, room);
}

// Rooms are dense: what is lost has its place.
Status LogWriter::addLost(const LogLine& line) {
    if (line.entry.size > kLostEntriesMax)
        return unusable("the number of lost entries is too large");
    Room& room = roomOf(line.room);
    if (auto status = goOn(room, line, line.entry.size); !status) return status;
    Entry lost;
    lost.kind = EntryKind::Lost;
    lost.time = 1;  // what is taken out has a time
    for (uint64_t i = 0; i < line.entry.size; ++i) {
        statements_->log.addEntry(room.number, line.room, line.entry.seq + i, lost);
    }
    return Ok{};
}

Status LogWriter::addSaid(const LogLine& line, const Room& room) {
    SqliteStatement& said = statements_->said;
    const bool twice = said.bind(1, line.entry.user).bind(2, line.entry.id).step();
    said.reset();
    if (twice) return unusable("an id of a user, or a user, occurs twice");
    statements_->log.addSaid(line.entry.user, line.entry.id, room.number, line.entry.seq);
    return Ok{};
}

void LogWriter::writeRooms() {
    for (auto& [name, room] : rooms_) {
        BLOB bytes = blobOf(name);
        uint64_t first = std::max<uint64_t>(room.first, 1);
        *session_ << "INSERT INTO room (number, name, first, last, bytes, sum)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, row_sum(?1, ?2))",
            use(room.number), use(bytes), use(first), use(room.last), use(room.bytes), now;
    }
    *session_ << "UPDATE counter SET users = ?1, sum = row_sum(?1, identity)", use(usersGiven_),
        now;
}

Status LogWriter::finish() {
    try {
        writeRooms();
        session_->commit();
        statements_.reset();
        *session_ << "PRAGMA journal_mode=WAL", now;
        session_.reset();
        auto status = syncToDisk(unfinished_);
        if (!status) return status;
        fs::rename(unfinished_, folder_ / "log.sqlite");
        return Ok{};
    } catch (const Poco::Exception& e) {
        return sqliteError(e, unfinished_);
    } catch (const fs::filesystem_error& e) {
        return Error{ErrorCode::Internal, e.what()};
    }
}

}  // namespace netchat::store

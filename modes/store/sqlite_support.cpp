#include "modes/store/sqlite_support.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/URI.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "modes/store/row_sum.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

// How long one connection waits for another's lock.
constexpr size_t kBusySeconds = 5;

// Before the first database is opened.
void setUpSqlite() {
    static const bool once = [] {
        // Every connection is one thread's at a time, and nobody asks what SQLite has allocated:
        // its counters are behind one lock for all connections, where log and searcher would meet.
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        Poco::Data::SQLite::Connector::registerConnector();
        return true;
    }();
    (void)once;
}

Poco::Data::Session withSums(Poco::Data::Session session) {
    addRowSum(Poco::Data::SQLite::Utility::dbHandle(session));
    return session;
}

// What SQLite says in several ways.
bool diskIsFull(const Poco::Exception& e, const std::filesystem::path& file) {
    if (dynamic_cast<const Poco::Data::SQLite::DatabaseFullException*>(&e)) return true;
    if (!dynamic_cast<const Poco::Data::SQLite::IOErrorException*>(&e)) return false;
    std::error_code error;
    const auto space = std::filesystem::space(file.parent_path(), error);
    return !error && space.available < limits::kMiB;
}

}  // namespace

Poco::Data::BLOB blobOf(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::string textOf(const Poco::Data::BLOB& bytes) {
    return {reinterpret_cast<const char*>(bytes.rawContent()), bytes.size()};
}

Error sqliteError(const Poco::Exception& e, const std::filesystem::path& file) {
    if (diskIsFull(e, file)) {
        return {ErrorCode::NoRoom, "the server's disk is full; try again later"};
    }
    return {ErrorCode::Internal, "the server's log failed: " + e.displayText()};
}

Poco::Data::Session openSqlite(const std::filesystem::path& file) {
    setUpSqlite();
    // SQLite gives the files beside it the mode of the database, which nobody else may read.
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) ::close(fd);
    return withSums({"SQLite", std::filesystem::absolute(file).string(), kBusySeconds});
}

Poco::Data::Session openSqliteInMemory() {
    setUpSqlite();
    return withSums({"SQLite", ":memory:", kBusySeconds});
}

Poco::Data::Session openSqliteToRead(const std::filesystem::path& file) {
    setUpSqlite();
    std::string path;
    Poco::URI::encode(std::filesystem::absolute(file).string(), "?#%", path);
    return withSums({"SQLite", "file:" + path + "?mode=ro", kBusySeconds});
}

uint64_t databaseBytes(Poco::Data::Session& session) {
    using namespace Poco::Data::Keywords;
    uint64_t pages = 0, pageBytes = 0;
    session << "PRAGMA page_count", into(pages), now;
    session << "PRAGMA page_size", into(pageBytes), now;
    return pages * pageBytes;
}

uint64_t fileBytes(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

namespace {

std::string_view viewOf(const Poco::Data::BLOB& bytes) {
    return {reinterpret_cast<const char*>(bytes.rawContent()), bytes.size()};
}

}  // namespace

uint32_t entrySum(std::string_view room, uint64_t seq, const Entry& e) {
    return RowSum()
        .add(room)
        .add(seq)
        .add(static_cast<uint64_t>(e.kind))
        .add(static_cast<uint64_t>(e.time))
        .add(e.user)
        .add(e.id)
        .add(e.from)
        .add(e.text)
        .add(e.sha256)
        .add(e.size)
        .value();
}

uint32_t saidSum(uint64_t user, std::string_view id, uint64_t room, uint64_t seq) {
    return RowSum().add(user).add(id).add(room).add(seq).value();
}

EntryInserter::EntryInserter(Poco::Data::Session& session)
    : entry_(session,
             "INSERT INTO entry (room, seq, kind, time, user, id, sender, text, sha256, size, sum)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      said_(session,
            "INSERT OR REPLACE INTO said (user, id, room, seq, sum) VALUES (?, ?, ?, ?, ?)") {
}

void EntryInserter::addEntry(uint64_t room, std::string_view name, uint64_t seq,
                             const Entry& entry) {
    entry_.bind(1, room).bind(2, seq).bind(3, static_cast<uint64_t>(entry.kind));
    entry_.bind(4, static_cast<uint64_t>(entry.time)).bind(5, entry.user).bind(6, entry.id);
    entry_.bind(7, entry.from).bind(8, entry.text).bind(9, entry.sha256).bind(10, entry.size);
    entry_.bind(11, uint64_t{entrySum(name, seq, entry)});
    entry_.run();
}

void EntryInserter::addSaid(uint64_t user, std::string_view id, uint64_t room, uint64_t seq) {
    said_.bind(1, user).bind(2, id).bind(3, room).bind(4, seq);
    said_.bind(5, uint64_t{saidSum(user, id, room, seq)}).run();
}

EntryRows::EntryRows(Poco::Data::Session& session, uint64_t room, uint64_t seq, size_t most,
                     bool hasSums) {
    using namespace Poco::Data::Keywords;
    const std::string which =
        " FROM entry WHERE room = ? AND seq >= ? ORDER BY seq LIMIT " + std::to_string(most);
    if (!hasSums) {
        session << "SELECT seq, kind, time, user, id, sender, text, sha256, size" + which,
            use(room), use(seq), into(seqs_), into(kinds_), into(times_), into(users_), into(ids_),
            into(senders_), into(texts_), into(hashes_), into(sizes_), now;
        return;
    }
    session << "SELECT seq, kind, time, user, id, sender, text, sha256, size, coalesce(sum, -1)" +
                   which,
        use(room), use(seq), into(seqs_), into(kinds_), into(times_), into(users_), into(ids_),
        into(senders_), into(texts_), into(hashes_), into(sizes_), into(sums_), now;
}

bool EntryRows::good(size_t row, std::string_view room) const {
    if (sums_.empty()) return true;
    const Entry entry{static_cast<EntryKind>(kinds_[row]),
                      seqs_[row],
                      static_cast<int64_t>(times_[row]),
                      users_[row],
                      viewOf(ids_[row]),
                      viewOf(senders_[row]),
                      viewOf(texts_[row]),
                      viewOf(hashes_[row]),
                      sizes_[row]};
    return static_cast<int64_t>(entrySum(room, seqs_[row], entry)) == sums_[row];
}

KeptEntry EntryRows::at(size_t row) const {
    return {static_cast<EntryKind>(kinds_[row]),
            seqs_[row],
            static_cast<int64_t>(times_[row]),
            users_[row],
            textOf(ids_[row]),
            textOf(senders_[row]),
            textOf(texts_[row]),
            textOf(hashes_[row]),
            sizes_[row]};
}

}  // namespace netchat::store

#include "modes/store/sqlite_support.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/URI.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "protocol/limits.h"

namespace netchat::store {

namespace {

// How long one connection waits for another's lock.
constexpr size_t kBusySeconds = 5;

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
    Poco::Data::SQLite::Connector::registerConnector();
    // SQLite gives the files beside it the mode of the database, which nobody else may read.
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) ::close(fd);
    return {"SQLite", std::filesystem::absolute(file).string(), kBusySeconds};
}

Poco::Data::Session openSqliteToRead(const std::filesystem::path& file) {
    Poco::Data::SQLite::Connector::registerConnector();
    std::string path;
    Poco::URI::encode(std::filesystem::absolute(file).string(), "?#%", path);
    return {"SQLite", "file:" + path + "?mode=ro", kBusySeconds};
}

void NewRows::addEntry(uint64_t room, uint64_t seq, const Entry& entry) {
    rooms_.push_back(room), seqs_.push_back(seq);
    kinds_.push_back(static_cast<int>(entry.kind));
    times_.push_back(static_cast<uint64_t>(entry.time)), users_.push_back(entry.user);
    ids_.push_back(blobOf(entry.id)), senders_.push_back(blobOf(entry.from));
    texts_.push_back(blobOf(entry.text)), hashes_.push_back(blobOf(entry.sha256));
    sizes_.push_back(entry.size);
}

void NewRows::addSaid(uint64_t user, std::string_view id, uint64_t room, uint64_t seq) {
    saidUsers_.push_back(user), saidIds_.push_back(blobOf(id));
    saidRooms_.push_back(room), saidSeqs_.push_back(seq);
}

void NewRows::insert(Poco::Data::Session& session) {
    using namespace Poco::Data::Keywords;
    if (!rooms_.empty()) {
        session << "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", use(rooms_),
            use(seqs_), use(kinds_), use(times_), use(users_), use(ids_), use(senders_),
            use(texts_), use(hashes_), use(sizes_), now;
    }
    if (!saidUsers_.empty()) {
        session << "INSERT INTO said VALUES (?, ?, ?, ?)", use(saidUsers_), use(saidIds_),
            use(saidRooms_), use(saidSeqs_), now;
    }
}

EntryRows::EntryRows(Poco::Data::Session& session, uint64_t room, uint64_t seq, size_t most) {
    using namespace Poco::Data::Keywords;
    session << "SELECT seq, kind, time, user, id, sender, text, sha256, size FROM entry"
               " WHERE room = ? AND seq >= ? ORDER BY seq LIMIT " +
                   std::to_string(most),
        use(room), use(seq), into(seqs_), into(kinds_), into(times_), into(users_), into(ids_),
        into(senders_), into(texts_), into(hashes_), into(sizes_), now;
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

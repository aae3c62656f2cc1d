#pragma once

// What the files on SQLite share: texts as bytes, errors as values, and opening without writing.

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "modes/store/searcher.h"
#include "modes/store/sqlite_statement.h"
#include "protocol/result.h"

namespace netchat::store {

// Texts are kept as BLOBs: POCO ends a TEXT at a NUL. An empty one is kept as NULL.
Poco::Data::BLOB blobOf(std::string_view text);
std::string textOf(const Poco::Data::BLOB& bytes);

// NoRoom where the disk with `file` is full, or Internal.
Error sqliteError(const Poco::Exception& e, const std::filesystem::path& file);

// Throws Poco::Exception. One that is not there is made, mode 0600. A database that is opened to be
// read is never changed, and may be in use by a server.
Poco::Data::Session openSqlite(const std::filesystem::path& file);
Poco::Data::Session openSqliteInMemory();
Poco::Data::Session openSqliteToRead(const std::filesystem::path& file);
// How large the database is, with what is in the write-ahead log. Throws Poco::Exception.
uint64_t databaseBytes(Poco::Data::Session& session);
// 0 where there is no such file.
uint64_t fileBytes(const std::filesystem::path& file);

// The checksum of an entry with this number in the room with this name, and of what is known as
// said: their `sum` columns. A room's is row_sum(number, name).
uint32_t entrySum(std::string_view room, uint64_t seq, const Entry& entry);
uint32_t saidSum(uint64_t user, std::string_view id, uint64_t room, uint64_t seq);

// Inserts entries, and what is known as said with them, within a transaction of the caller's.
// Throws Poco::Exception.
class EntryInserter {
  public:
    explicit EntryInserter(Poco::Data::Session& session);
    // In the room with this number and name.
    void addEntry(uint64_t room, std::string_view name, uint64_t seq, const Entry& entry);
    // In place of a damaged one, if there is one.
    void addSaid(uint64_t user, std::string_view id, uint64_t room, uint64_t seq);

  private:
    SqliteStatement entry_, said_;
};

// Entries of a room, as they came from its table; each becomes one only when it is asked for.
class EntryRows {
  public:
    // Up to `most` of them, from `seq` on, in order. Throws Poco::Exception.
    EntryRows(Poco::Data::Session& session, uint64_t room, uint64_t seq, size_t most,
              bool hasSums = true);
    size_t size() const { return seqs_.size(); }
    uint64_t seq(size_t row) const { return seqs_[row]; }
    // Whether it has its checksum, in a room of this name.
    bool good(size_t row, std::string_view room) const;
    KeptEntry at(size_t row) const;

  private:
    std::vector<uint64_t> seqs_, times_, users_, sizes_;
    std::vector<int64_t> sums_;  // none: not looked at
    std::vector<int> kinds_;
    std::vector<Poco::Data::BLOB> ids_, senders_, texts_, hashes_;
};

}  // namespace netchat::store

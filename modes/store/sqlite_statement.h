#pragma once

// A statement that is compiled once and run often: Poco::Data compiles one for every use, which
// costs more than what it does.

#include <Poco/Data/Session.h>

#include <cstdint>
#include <string_view>

struct sqlite3_stmt;

namespace netchat::store {

// On a session that outlives it, and on that session's thread. Errors are thrown, the same
// Poco::Exceptions as the session's own.
class SqliteStatement {
  public:
    SqliteStatement(Poco::Data::Session& session, const char* sql);
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    // Parameters count from 1, columns from 0, as SQLite's do. Bytes are not copied: they must last
    // as long as they are bound; none are kept as NULL.
    SqliteStatement& bind(int parameter, uint64_t number);
    SqliteStatement& bind(int parameter, std::string_view bytes);
    SqliteStatement& bindText(int parameter, std::string_view utf8);
    // The next row: its columns may be read until the next call. False after the last one.
    bool step();
    uint64_t number(int column) const;
    std::string_view bytes(int column) const;
    void reset() noexcept;

    // To the end, and ready for the next use.
    void run();

  private:
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace netchat::store

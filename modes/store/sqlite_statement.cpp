#include "modes/store/sqlite_statement.h"

#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/SQLite/Utility.h>

#include <sqlite3.h>

namespace netchat::store {

namespace {

[[noreturn]] void fail(sqlite3* database, int code) {
    Poco::Data::SQLite::Utility::throwException(database, code);
    throw Poco::Data::SQLite::SQLiteException(sqlite3_errmsg(database));
}

}  // namespace

SqliteStatement::SqliteStatement(Poco::Data::Session& session, const char* sql) {
    sqlite3* const database = Poco::Data::SQLite::Utility::dbHandle(session);
    const int code =
        sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) fail(database, code);
}

SqliteStatement::~SqliteStatement() {
    sqlite3_finalize(statement_);
}

SqliteStatement& SqliteStatement::bind(int parameter, uint64_t number) {
    sqlite3_bind_int64(statement_, parameter, static_cast<sqlite3_int64>(number));
    return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view bytes) {
    if (bytes.empty()) {
        sqlite3_bind_null(statement_, parameter);
    } else {
        sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    return *this;
}

SqliteStatement& SqliteStatement::bindText(int parameter, std::string_view utf8) {
    // Null is no text: none has an address all the same.
    sqlite3_bind_text64(statement_, parameter, utf8.empty() ? "" : utf8.data(), utf8.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

bool SqliteStatement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* const database = sqlite3_db_handle(statement_);
    reset();
    fail(database, code);
}

uint64_t SqliteStatement::number(int column) const {
    return static_cast<uint64_t>(sqlite3_column_int64(statement_, column));
}

std::string_view SqliteStatement::bytes(int column) const {
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (!data) return {};
    return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

void SqliteStatement::reset() noexcept {
    sqlite3_reset(statement_);
}

void SqliteStatement::run() {
    while (step()) {
    }
    reset();
}

}  // namespace netchat::store

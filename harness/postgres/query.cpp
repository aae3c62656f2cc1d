#include "harness/postgres/query.h"

#include <libpq-fe.h>

namespace netchat::harness {

namespace {

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};

Error saidBy(pg_conn* connection) {
    std::string text = PQerrorMessage(connection);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return {ErrorCode::BadState, "PostgreSQL: " + text};
}

}  // namespace

void AdminConnection::Close::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Result<AdminConnection> AdminConnection::open(uint16_t port) {
    const std::string how = "host=127.0.0.1 port=" + std::to_string(port) +
                            " user=postgres dbname=postgres sslmode=disable gssencmode=disable "
                            "connect_timeout=5 tcp_user_timeout=10000 "
                            "options='-c statement_timeout=30s'";
    AdminConnection opened(PQconnectdb(how.c_str()));
    if (PQstatus(opened.connection_.get()) != CONNECTION_OK) {
        return saidBy(opened.connection_.get());
    }
    return opened;
}

Result<std::string> AdminConnection::ask(const std::string& sql) {
    const std::unique_ptr<PGresult, ClearResult> result(PQexec(connection_.get(), sql.c_str()));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return saidBy(connection_.get());
    if (PQntuples(result.get()) == 0 || PQnfields(result.get()) == 0) return std::string();
    return std::string(PQgetvalue(result.get(), 0, 0));
}

}  // namespace netchat::harness

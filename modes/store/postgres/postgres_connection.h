#pragma once

// One connection to PostgreSQL, used by one thread that waits for its answers, and that another one
// can wake: a server that hangs, or the end, interrupts whatever is waited for.
//
//     connect() tries each host of the target once, and takes the first that takes writes
//     ask()     a statement and its answer; an answer that is lost says so

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "modes/descriptor.h"
#include "modes/store/postgres/postgres_target.h"
#include "modes/store/postgres/sql_params.h"

struct pg_conn;
struct pg_result;

namespace netchat::store {

// Any thread: whoever waits is woken once for each wake(), and at once after end().
class Interrupt {
  public:
    Interrupt();
    void wake();
    void end();
    bool ended() const { return ended_.load(); }
    int fd() const { return event_.get(); }
    void clear();

  private:
    Descriptor event_;
    std::atomic<bool> ended_{false};
};

// What came of a statement.
class SqlAnswer {
  public:
    bool isGood() const { return state_.empty() && !lost_; }
    // It may or may not have been done: the connection broke, the server is no primary (any
    // longer), or it did not wait for its standby.
    bool isLost() const { return lost_; }
    // SQLSTATE of an error; empty: none, or lost without one.
    const std::string& state() const { return state_; }
    const std::string& text() const { return text_; }

    size_t rows() const;
    bool isNull(size_t row, int column) const;
    int64_t number(size_t row, int column) const;
    bool flag(size_t row, int column) const;
    std::string_view bytes(size_t row, int column) const;

  private:
    friend class PostgresConnection;
    std::shared_ptr<pg_result> result_;
    std::string state_, text_;
    bool lost_ = false;
};

// One thread, but for the Interrupt.
class PostgresConnection {
  public:
    static constexpr int64_t kNoTimeout = -1;

    // `purpose`: a word for the server's own list of connections. Both outlive this.
    PostgresConnection(const PostgresTarget& target, Interrupt& interrupt, std::string purpose);
    ~PostgresConnection();

    // Empty: it is connected; otherwise why not, of each host.
    std::string connect();
    void drop();
    bool isOpen() const { return connection_ != nullptr; }

    // The answer's columns are in binary.
    SqlAnswer ask(const char* sql, const SqlParams& params = {}, int64_t timeoutMs = kNoTimeout);
    // Statements without parameters, several perhaps.
    SqlAnswer run(const std::string& sql, int64_t timeoutMs = kNoTimeout);

  private:
    struct Drop {
        void operator()(pg_conn* connection) const;
    };
    std::string connectTo(size_t host);
    bool waitFor(short events, int64_t deadlineMs);
    SqlAnswer answer(bool sent, int64_t timeoutMs);
    SqlAnswer lost(const std::string& why);
    std::string errorText() const;
    static void onNotice(void* self, const pg_result* notice);

    const PostgresTarget& target_;
    Interrupt& interrupt_;
    const std::string purpose_;
    std::unique_ptr<pg_conn, Drop> connection_;
    size_t host_ = 0;      // where it is, or was last
    bool warned_ = false;  // by the statement under way: it did not wait for the standby
};

}  // namespace netchat::store

#pragma once

// A question to a database, asked as its superuser on a connection that goes with it. For what the
// harness must know of a pair: whether a node answers, and whether its standby follows.

#include <memory>
#include <string>

#include "protocol/result.h"

struct pg_conn;

namespace netchat::harness {

// One thread. It blocks, never for longer than the database is given to answer.
class AdminConnection {
  public:
    // To the node on that port of 127.0.0.1.
    static Result<AdminConnection> open(uint16_t port);
    // The first column of the first row; empty if there is none.
    Result<std::string> ask(const std::string& sql);

  private:
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    explicit AdminConnection(pg_conn* connection) : connection_(connection) {}

    std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace netchat::harness

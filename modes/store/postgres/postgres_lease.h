#pragma once

// Which of several nodes may write: the one that has the lease, a row with a number (the epoch)
// that every write checks, and a heartbeat. Another node waits, and takes it over when the
// heartbeat has stood still for a while or the lease was given back; whoever had it before is
// refused from then on.
//
//     await() --- free, or silent for kSilentMs ---> an epoch of its own ---> beat() … giveBack()

#include <cstdint>
#include <functional>
#include <string>

#include "modes/store/postgres/postgres_connection.h"
#include "protocol/result.h"

namespace netchat::store {

struct PostgresNode {
    std::string id;    // the same after a restart: who has its folder is its only process
    std::string name;  // for people
};

// One thread.
class PostgresLease {
  public:
    // How often it beats, and how long it is silent when it is believed to be dead.
    static constexpr int64_t kBeatMs = 500, kSilentMs = 3000;
    enum class Beat { Good, Unanswered, Lost };

    PostgresLease(PostgresConnection& connection, PostgresNode node)
        : connection_(connection), node_(std::move(node)) {}

    // Returns when this node has it. Closing: the end was asked for meanwhile. A server that is
    // away is waited for, too.
    using Tell = std::function<void(const std::string& text)>;
    Result<int64_t> await(const Tell& tell, const std::function<bool()>& isStopping);
    // Does not wait for a standby.
    static Beat beat(PostgresConnection& connection, int64_t epoch);
    static void giveBack(PostgresConnection& connection, int64_t epoch);

  private:
    struct Seen {
        int64_t epoch = -1, beat = -1, sinceMs = 0;
        bool free = false;
        std::string name;
    };
    bool look(Seen& seen);
    int64_t take(int64_t epoch);

    PostgresConnection& connection_;
    const PostgresNode node_;
    std::string trouble_;
};

}  // namespace netchat::store

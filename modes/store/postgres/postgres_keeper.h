#pragma once

// Keeps the lease of the node that writes alive, by a connection of its own, and finds out that the
// database hangs: then it says so, and whoever waits for an answer asks another host.

#include <cstdint>
#include <functional>
#include <thread>

#include "modes/store/postgres/postgres_connection.h"

namespace netchat::store {

// The owner's thread, but for the hooks, which are called on the keeper's.
class PostgresKeeper {
  public:
    struct Hooks {
        std::function<void()> beats;   // before each
        std::function<void()> hangs;   // no answer within the lease's time
        std::function<void()> fenced;  // another node has the lease
    };
    explicit PostgresKeeper(const PostgresTarget& target);
    ~PostgresKeeper();  // ends

    void start(int64_t epoch, Hooks hooks);
    // Gives the lease back where the database answers, and returns when the thread has ended.
    void end();

  private:
    void run();

    Interrupt interrupt_, ending_;
    PostgresConnection connection_;
    int64_t epoch_ = 0;
    Hooks hooks_;
    std::thread thread_;
};

}  // namespace netchat::store

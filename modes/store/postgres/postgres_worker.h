#pragma once

// A thread with one connection, which does jobs in their order. What is not known to be done is
// done again over a new connection, until it is known, however long that takes: a job must bear
// that.
//
//     any thread --add()--> jobs --> worker's thread --> PostgreSQL

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "modes/mutex.h"
#include "modes/store/postgres/postgres_connection.h"

namespace netchat::store {

// Any thread, but for what is said otherwise.
class PostgresWorker {
  public:
    // True: it is done. False: it is to be done again; the answer that was lost, or the error that
    // may pass, is in why. On the worker's thread.
    using Job = std::function<bool(PostgresConnection& connection, std::string& why)>;
    // How it is with the server, told when that changes. Empty: it answers (again). On the
    // worker's thread.
    using Tell = std::function<void(const std::string& trouble)>;

    PostgresWorker(const PostgresTarget& target, std::string purpose, Tell tell);
    ~PostgresWorker();  // ends
    void start();
    void add(Job job);
    // Within a job: waits, or until the end.
    void rest(int64_t ms);
    // The server is believed to hang: what is waited for is tried again.
    void interrupt() { interrupt_.wake(); }
    // Jobs that are not done never will be. Returns when the thread has ended.
    void end();

  private:
    void run();
    bool awaitJob();
    void pause();

    Interrupt interrupt_;
    PostgresConnection connection_;
    const Tell tell_;
    bool troubled_ = false;  // the worker's thread
    int64_t pauseMs_ = 0;    // the same
    Mutex mutex_;
    Condition added_;
    std::deque<Job> jobs_ GUARDED_BY(mutex_);
    bool ended_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace netchat::store

#include "modes/store/postgres/postgres_keeper.h"

#include <poll.h>

#include <utility>

#include "modes/store/postgres/postgres_lease.h"

namespace netchat::store {

PostgresKeeper::PostgresKeeper(const PostgresTarget& target)
    : connection_(target, interrupt_, "keeper") {
}

PostgresKeeper::~PostgresKeeper() {
    end();
}

void PostgresKeeper::start(int64_t epoch, Hooks hooks) {
    epoch_ = epoch;
    hooks_ = std::move(hooks);
    thread_ = std::thread([this] { run(); });
}

void PostgresKeeper::end() {
    ending_.end();
    if (thread_.joinable()) thread_.join();
}

void PostgresKeeper::run() {
    bool fenced = false;
    while (!ending_.ended() && !fenced) {
        hooks_.beats();
        if (!connection_.isOpen()) (void)connection_.connect();
        if (connection_.isOpen()) {
            const auto beat = PostgresLease::beat(connection_, epoch_);
            fenced = beat == PostgresLease::Beat::Lost;
            if (fenced) hooks_.fenced();
            if (beat == PostgresLease::Beat::Unanswered) {
                connection_.drop();
                hooks_.hangs();
            }
        }
        pollfd ending{ending_.fd(), POLLIN, 0};
        ::poll(&ending, 1, static_cast<int>(PostgresLease::kBeatMs));
    }
    hooks_.beats();
    if (connection_.isOpen() && !fenced) PostgresLease::giveBack(connection_, epoch_);
    connection_.drop();
}

}  // namespace netchat::store

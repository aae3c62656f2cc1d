#include "modes/store/postgres/postgres_lease.h"

#include <chrono>
#include <thread>

#include "modes/store/postgres/steady_ms.h"

namespace netchat::store {

namespace {

constexpr int64_t kLookMs = 250;
constexpr int64_t kLookAnswerMs = 3000;
// A commit waits for a standby that may be away.
constexpr int64_t kTakeAnswerMs = 10'000;

}  // namespace

Result<int64_t> PostgresLease::await(const Tell& tell, const std::function<bool()>& isStopping) {
    Seen seen;
    std::string told;
    const auto tellOnce = [&](const std::string& text) {
        if (text != told) tell(text);
        told = text;
    };
    while (!isStopping()) {
        const bool isSilent = look(seen) && steadyMs() - seen.sinceMs >= kSilentMs;
        if (!connection_.isOpen()) {
            tellOnce("waiting for the database: " + trouble_);
        } else if (seen.free || isSilent) {
            const int64_t epoch = take(seen.epoch);
            if (epoch > 0) {
                if (!told.empty()) tell("this server has the log now");
                return epoch;
            }
            if (!trouble_.empty()) tellOnce("cannot take the log over yet: " + trouble_);
            seen = {};
        } else {
            tellOnce("node " + seen.name +
                     " serves this log; waiting here as its standby, to take over when it is gone");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    }
    return Error{ErrorCode::Closing, "stopped while it waited for the log"};
}

// Whether it could be seen. Silence counts from when a connection first saw this heartbeat.
bool PostgresLease::look(Seen& seen) {
    if (!connection_.isOpen()) {
        seen = {};
        trouble_ = connection_.connect();
        if (!trouble_.empty()) return false;
    }
    const auto answer = connection_.ask(
        "SELECT w.epoch, n.beat, n.id, n.name FROM netchat.writer w, netchat.node n", {},
        kLookAnswerMs);
    if (!answer.isGood() || answer.rows() == 0) {
        trouble_ = answer.isGood() ? "its tables are not those of a log" : answer.text();
        connection_.drop();
        return false;
    }
    const int64_t epoch = answer.number(0, 0), beat = answer.number(0, 1);
    if (epoch != seen.epoch || beat != seen.beat) {
        seen.epoch = epoch;
        seen.beat = beat;
        seen.sinceMs = steadyMs();
    }
    seen.free = beat < 0 || answer.bytes(0, 2) == node_.id;
    seen.name = answer.bytes(0, 3);
    return true;
}

// Zero: somebody else was faster, or it is not known.
int64_t PostgresLease::take(int64_t epoch) {
    SqlParams params;
    params.number(epoch).bytes(node_.id).bytes(node_.name);
    const auto answer = connection_.ask("SELECT netchat.take_1($1, $2, $3)", params, kTakeAnswerMs);
    trouble_ = answer.isGood() ? "" : answer.text();
    if (answer.isLost()) {
        trouble_ += "; if it waits for a synchronous standby, start that";
        return 0;
    }
    return answer.isGood() ? answer.number(0, 0) : 0;
}

PostgresLease::Beat PostgresLease::beat(PostgresConnection& connection, int64_t epoch) {
    SqlParams params;
    params.number(epoch);
    const auto answer = connection.ask(
        "WITH b AS (UPDATE netchat.node SET beat = beat + 1 WHERE epoch = $1 RETURNING 1)"
        " SELECT count(*) FROM b, set_config('synchronous_commit', 'off', true)",
        params, kSilentMs);
    if (!answer.isGood()) return Beat::Unanswered;
    return answer.number(0, 0) > 0 ? Beat::Good : Beat::Lost;
}

void PostgresLease::giveBack(PostgresConnection& connection, int64_t epoch) {
    SqlParams params;
    params.number(epoch);
    (void)connection.ask(
        "WITH b AS (UPDATE netchat.node SET beat = -1 WHERE epoch = $1 RETURNING 1)"
        " SELECT count(*) FROM b, set_config('synchronous_commit', 'off', true)",
        params, kSilentMs);
}

}  // namespace netchat::store

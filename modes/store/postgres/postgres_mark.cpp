// Whether a log on PostgreSQL is the one that this node knew: it had no more entries then. A
// database that was restored from a backup has another past for those who have read on, so it gets
// another identity, and its rooms are known to be the same as before up to where they stand now.

#include <fstream>

#include "modes/store/log_identity.h"
#include "modes/store/postgres/postgres_log.h"

namespace netchat::store {

Status PostgresLog::checkMark(PostgresConnection& connection) {
    std::string identity;
    uint64_t total = 0;
    if (options_.mark.empty() || !(std::ifstream(options_.mark) >> identity >> total)) return Ok{};
    const uint64_t now = mirror_.total();
    if (identity != mirror_.identities.back().second || total <= now) return Ok{};
    const int64_t ended = mirror_.identities.back().first;
    mirror_.identities.emplace_back(ended + 1, newLogIdentity());
    SqlParams params;
    params.number(ended).bytes(mirror_.identities.back().second);
    const SqlAnswer answer = connection.ask(
        "WITH e AS (INSERT INTO netchat.identity_end (room, number, last)"
        "  SELECT number, $1, last FROM netchat.room)"
        " INSERT INTO netchat.identity (number, identity) VALUES ($1 + 1, $2)",
        params);
    if (!answer.isGood()) return Error{ErrorCode::BadState, answer.text()};
    for (const auto& [name, room] : mirror_.rooms) {
        mirror_.identityEnds[{ended, room.number}] = room.range.last;
    }
    options_.tell("the database has " + std::to_string(total - now) +
                  " messages less than this server knew: was a backup restored? Clients are told");
    return Ok{};
}

// What was written just before the end of the machine may be missing: it is a help, no proof.
void PostgresLog::writeMark() {
    const auto total = static_cast<int64_t>(total_.load());
    if (!isLoaded_ || options_.mark.empty() || total == markedTotal_) return;
    std::ofstream out(options_.mark, std::ios::trunc);
    out << identity() << ' ' << total << "\n";
    if (out) markedTotal_ = total;
}

}  // namespace netchat::store

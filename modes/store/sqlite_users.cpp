// The users' and nicks' part of the log on SQLite. Their rows are believed only with their
// checksums: a user whose row is damaged comes as a new one, and nobody as somebody else.

#include <Poco/Data/LOB.h>

#include "modes/store/row_sum.h"
#include "modes/store/secret_proof.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_support.h"
#include "protocol/same_secret.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

}  // namespace

Status SqliteRoomLog::add(std::span<const UserRecord> users) {
    std::vector<uint64_t> numbers;
    std::vector<BLOB> nicks, secrets;
    for (const UserRecord& user : users) {
        numbers.push_back(user.number);
        nicks.push_back(blobOf(user.nick));
        secrets.push_back(blobOf(proofOfSecret(user.secret)));
    }
    if (numbers.empty()) return Ok{};
    return inTransaction([&] {
        // Again where a failure has left it unsure whether they are there.
        session_ << "INSERT OR REPLACE INTO user (number, nick, secret, sum)"
                    " VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3))",
            use(numbers), use(nicks), use(secrets), now;
    });
}

Result<uint64_t> SqliteRoomLog::reserve(uint64_t count) {
    uint64_t given = 0;
    const auto work = [&] {
        session_ << "SELECT users FROM counter", into(given), now;
        session_ << "UPDATE counter SET users = users + ?1,"
                    " sum = row_sum(users + ?1, identity)",
            use(count), now;
    };
    const Status status = withReserve([&] { return inTransaction(work); });
    if (!status) return status.error();
    return given + 1;
}

std::optional<UserRecord> SqliteRoomLog::find(uint64_t number, const std::string& secret) {
    std::vector<BLOB> nicks, secrets;
    try {
        session_ << "SELECT nick, secret FROM user WHERE number = ?"
                    " AND sum = row_sum(number, nick, secret)",
            use(number), into(nicks), into(secrets), now;
    } catch (const Poco::Exception&) {
        return {};
    }
    if (secrets.empty() || !sameSecret(textOf(secrets[0]), proofOfSecret(secret))) return {};
    return UserRecord{number, textOf(nicks[0]), secret};
}

std::string SqliteRoomLog::proofOf(uint64_t number) const {
    std::vector<BLOB> secrets;
    try {
        session_ << "SELECT secret FROM user WHERE number = ?"
                    " AND sum = row_sum(number, nick, secret)",
            use(number), into(secrets), now;
    } catch (const Poco::Exception&) {
        return {};
    }
    return secrets.empty() ? std::string() : textOf(secrets[0]);
}

Result<std::vector<NickRecord>> SqliteRoomLog::nicks() {
    std::vector<BLOB> nicks;
    std::vector<uint64_t> users;
    std::vector<int64_t> used;
    try {
        uint64_t damaged = 0;
        session_ << "SELECT count(*) FROM nick WHERE sum IS NOT row_sum(nick, user, used)",
            into(damaged), now;
        if (damaged > 0) {
            tell("the log is damaged: " + std::to_string(damaged) +
                 " nicks are no longer reserved for their users; see netchat log verify");
        }
        session_ << "SELECT nick, user, used FROM nick WHERE sum = row_sum(nick, user, used)"
                    " ORDER BY used DESC",
            into(nicks), into(users), into(used), now;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal,
                     file_.string() + ": its nicks cannot be read: " + e.displayText()};
    }
    std::vector<NickRecord> records;
    for (size_t i = 0; i < nicks.size(); ++i) {
        records.push_back({textOf(nicks[i]), users[i], used[i]});
    }
    return records;
}

Status SqliteRoomLog::keep(std::span<const NickRecord> nicks) {
    std::vector<uint64_t> users;
    std::vector<int64_t> used;
    std::vector<BLOB> kept, all;
    for (const NickRecord& record : nicks) {
        all.push_back(blobOf(record.nick));
        if (record.user == 0) continue;
        kept.push_back(all.back());
        users.push_back(record.user);
        used.push_back(record.usedMs);
    }
    if (all.empty()) return Ok{};
    return inTransaction([&] {
        session_ << "DELETE FROM nick WHERE nick = ?", use(all), now;
        if (kept.empty()) return;
        session_ << "INSERT INTO nick (nick, user, used, sum)"
                    " VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3))",
            use(kept), use(users), use(used), now;
    });
}

}  // namespace netchat::store

// Users, nicks and rulings of a log on PostgreSQL: what is there is known, and what is written goes
// out behind, before any later batch.

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "modes/store/postgres/postgres_log.h"
#include "modes/store/postgres/postgres_schema.h"
#include "modes/store/secret_proof.h"
#include "protocol/same_secret.h"

namespace netchat::store {

namespace {

constexpr const char* kKeepSql = "SELECT netchat.keep_1($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr const char* kRuleSql = "SELECT netchat.rule_1($1, $2, $3, $4, $5, $6, $7, $8, $9)";
// How long a start waits for it: the database may go just then.
constexpr std::chrono::seconds kPrepareFor{10};
// A ruling that is taken back, in place of the time since when it is.
constexpr int64_t kDropped = -1;

}  // namespace

// What may pass is tried again: a full disk, a database that is away.
void PostgresLog::write(const char* sql, SqlParams params) {
    writer_.add(
        [this, sql, params = std::move(params)](PostgresConnection& connection, std::string& why) {
            const SqlAnswer answer = connection.ask(sql, params);
            why = answer.text();
            if (answer.isGood()) return true;
            const bool isFenced = answer.state() == kFencedState;
            if (isFenced) fence(why);
            if (answer.isLost() || isFenced || mayPass(answer.state())) return false;
            options_.tell("the database refuses what is to be kept of a user: " + why);
            return true;
        });
}

// With how many numbers were given.
void PostgresLog::writeUsers(const UserColumns& users, const NickColumns& nicks) {
    SqlParams params;
    params.number(epoch_).number(static_cast<int64_t>(mirror_.usersGiven));
    params.numbers(users.numbers).blobs(users.nicks).blobs(users.proofs);
    params.blobs(nicks.nicks).numbers(nicks.owners).numbers(nicks.used);
    write(kKeepSql, std::move(params));
}

void PostgresLog::whenRuled(std::function<void()> done) {
    if (rulings_ == 0) return done();
    writer_.add([this, done = std::move(done)](PostgresConnection&, std::string&) {
        post(done);
        return true;
    });
}

Result<uint64_t> PostgresLog::reserve(uint64_t count) {
    const uint64_t first = mirror_.usersGiven + 1;
    mirror_.usersGiven += count;
    writeUsers({}, {});
    return first;
}

void PostgresLog::prepare(std::span<const UserRecord> users) {
    std::string proofs;
    for (const UserRecord& user : users) proofs += proofOfSecret(user.secret);
    SqlParams params;
    params.number(epoch_).number(static_cast<int64_t>(users.front().number)).bytes(proofs);
    write("SELECT netchat.prepare_1($1, $2, $3)", std::move(params));
    bool isStart = false;
    {
        const MutexLock lock(hooksMutex_);
        isStart = !hooks_.post;
    }
    if (!isStart) return;
    const auto written = std::make_shared<std::promise<void>>();
    writer_.add([written](PostgresConnection&, std::string&) {
        written->set_value();
        return true;
    });
    written->get_future().wait_for(kPrepareFor);
}

Status PostgresLog::add(std::span<const UserRecord> users) {
    if (users.empty()) return Ok{};
    std::vector<int64_t> numbers;
    std::vector<std::string_view> nicks, proofs;
    for (const UserRecord& user : users) {
        PostgresMirror::User& kept = mirror_.users[user.number];
        kept = {user.nick, proofOfSecret(user.secret)};
        numbers.push_back(static_cast<int64_t>(user.number));
        nicks.push_back(kept.nick);
        proofs.push_back(kept.proof);
    }
    writeUsers({numbers, nicks, proofs}, {});
    return Ok{};
}

std::optional<UserRecord> PostgresLog::find(uint64_t number, const std::string& secret) {
    const auto it = mirror_.users.find(number);
    const bool isKnown = it != mirror_.users.end();
    const std::string_view proof =
        isKnown ? std::string_view(it->second.proof) : mirror_.preparedProof(number);
    if (proof.empty() || !sameSecret(proof, proofOfSecret(secret))) return {};
    const UserRecord user{number, isKnown ? it->second.nick : std::string(), secret};
    // It was welcomed, and what it was kept by did not come to the end.
    if (!isKnown) (void)add({&user, 1});
    return user;
}

std::string PostgresLog::proofOf(uint64_t number) const {
    const auto it = mirror_.users.find(number);
    return it == mirror_.users.end() ? std::string() : it->second.proof;
}

Result<std::vector<NickRecord>> PostgresLog::nicks() {
    return std::exchange(mirror_.nicks, {});
}

Status PostgresLog::keep(std::span<const NickRecord> nicks) {
    if (nicks.empty()) return Ok{};
    std::vector<std::string_view> names;
    std::vector<int64_t> owners, used;
    for (const NickRecord& record : nicks) {
        names.push_back(record.nick);
        owners.push_back(static_cast<int64_t>(record.user));
        used.push_back(record.usedMs);
    }
    writeUsers({}, {names, owners, used});
    return Ok{};
}

Result<std::vector<Sanction>> PostgresLog::all() {
    return std::exchange(mirror_.sanctions, {});
}

Status PostgresLog::put(const Sanction& sanction) {
    rule(sanction, false);
    return Ok{};
}

Status PostgresLog::drop(Sanction::Kind kind, const std::string& target) {
    Sanction sanction;
    sanction.kind = kind;
    sanction.target = target;
    rule(sanction, true);
    return Ok{};
}

void PostgresLog::rule(const Sanction& sanction, bool drops) {
    SqlParams params;
    params.number(epoch_).number(static_cast<int64_t>(sanction.kind)).bytes(sanction.target);
    params.number(static_cast<int64_t>(sanction.user)).bytes(sanction.proof);
    params.number(drops ? kDropped : sanction.sinceMs).number(sanction.untilMs);
    params.bytes(sanction.text).bytes(sanction.by);
    write(kRuleSql, std::move(params));
    ++rulings_;
    writer_.add([this](PostgresConnection&, std::string&) {
        --rulings_;
        return true;
    });
}

}  // namespace netchat::store

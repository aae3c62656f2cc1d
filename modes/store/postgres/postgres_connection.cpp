#include "modes/store/postgres/postgres_connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "modes/store/postgres/steady_ms.h"

namespace netchat::store {

namespace {

// A host that does not answer is given up, and the next one tried.
constexpr int64_t kConnectMs = 2000;
constexpr int kOldestVersion = 150000;

// A commit that was not waited for as it should have been.
constexpr std::string_view kWarning = "01000";
constexpr std::string_view kReadOnly = "25006";

// One line of what libpq says in several.
std::string oneLine(const char* text) {
    std::string line = text == nullptr ? "" : text;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

std::string stateOf(const pg_result* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string() : state;
}

// What does not say whether it was done: the connection's end, the server's, one that takes no
// writes.
bool leavesUnknown(const std::string& state) {
    return state.empty() || state.starts_with("08") || state.starts_with("57P") ||
           state == kReadOnly || state == "57014";
}

void put(std::map<std::string, std::string>& settings, const char* key, const char* value) {
    settings.try_emplace(key, value);
}

}  // namespace

// ---- Interrupt

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
}

void Interrupt::wake() {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

void Interrupt::end() {
    ended_ = true;
    wake();
}

void Interrupt::clear() {
    uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(event_.get(), &count, sizeof count);
    if (ended_) wake();
}

// ---- SqlAnswer

size_t SqlAnswer::rows() const {
    return result_ ? static_cast<size_t>(PQntuples(result_.get())) : 0;
}

bool SqlAnswer::isNull(size_t row, int column) const {
    return PQgetisnull(result_.get(), static_cast<int>(row), column) == 1;
}

std::string_view SqlAnswer::bytes(size_t row, int column) const {
    const int at = static_cast<int>(row);
    return {PQgetvalue(result_.get(), at, column),
            static_cast<size_t>(PQgetlength(result_.get(), at, column))};
}

int64_t SqlAnswer::number(size_t row, int column) const {
    uint64_t value = 0;
    for (const char byte : bytes(row, column)) value = value << 8 | static_cast<uint8_t>(byte);
    return static_cast<int64_t>(value);
}

bool SqlAnswer::flag(size_t row, int column) const {
    return number(row, column) != 0;
}

// ---- PostgresConnection

void PostgresConnection::Drop::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

PostgresConnection::PostgresConnection(const PostgresTarget& target, Interrupt& interrupt,
                                       std::string purpose)
    : target_(target), interrupt_(interrupt), purpose_(std::move(purpose)) {
}

PostgresConnection::~PostgresConnection() = default;

void PostgresConnection::drop() {
    connection_.reset();
}

// What is a notice to others is a warning that a commit was not waited for.
void PostgresConnection::onNotice(void* self, const pg_result* notice) {
    if (stateOf(notice) == kWarning) static_cast<PostgresConnection*>(self)->warned_ = true;
}

std::string PostgresConnection::connect() {
    drop();
    interrupt_.clear();
    std::string why;
    // The host that was good last comes first.
    const size_t first = host_;
    for (size_t i = 0; i < target_.hosts() && !interrupt_.ended(); ++i) {
        host_ = (first + i) % target_.hosts();
        const std::string failure = connectTo(host_);
        if (failure.empty()) return {};
        connection_.reset();
        why += (why.empty() ? "" : "; ") + target_.name(host_) + ": " + failure;
    }
    return why.empty() ? "interrupted" : why;
}

std::string PostgresConnection::connectTo(size_t host) {
    auto settings = target_.settings(host);
    settings["application_name"] = "netchat " + purpose_;
    settings["client_encoding"] = "UTF8";
    settings["options"] +=
        " -c synchronous_commit=on -c enable_seqscan=off -c plan_cache_mode=force_generic_plan"
        " -c jit=off -c client_min_messages=warning -c statement_timeout=0 -c lock_timeout=0";
    // A peer that is gone is found within seconds.
    put(settings, "keepalives_idle", "2");
    put(settings, "keepalives_interval", "1");
    put(settings, "keepalives_count", "3");
    put(settings, "tcp_user_timeout", "5000");
    std::vector<const char*> keys, values;
    for (const auto& [key, value] : settings) {
        keys.push_back(key.c_str());
        values.push_back(value.c_str());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectStartParams(keys.data(), values.data(), 0));
    if (!connection_) return "out of memory";
    PQsetNoticeReceiver(connection_.get(), &PostgresConnection::onNotice, this);
    const int64_t deadlineMs = steadyMs() + kConnectMs;
    auto state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
        if (PQstatus(connection_.get()) == CONNECTION_BAD) break;
        const short events = state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
        if (!waitFor(events, deadlineMs)) {
            return interrupt_.ended() ? "interrupted" : "no answer within 2 seconds";
        }
        state = PQconnectPoll(connection_.get());
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) return errorText();
    if (PQserverVersion(connection_.get()) < kOldestVersion) {
        return "PostgreSQL " + std::to_string(PQserverVersion(connection_.get()) / 10000) +
               " is too old; 15 or later is needed";
    }
    PQsetnonblocking(connection_.get(), 1);
    const auto isOn = [this](const char* parameter) {
        const char* value = PQparameterStatus(connection_.get(), parameter);
        return value != nullptr && std::string_view(value) == "on";
    };
    if (isOn("in_hot_standby")) return "is a standby";
    if (isOn("default_transaction_read_only")) return "takes no writes";
    return {};
}

std::string PostgresConnection::errorText() const {
    return oneLine(PQerrorMessage(connection_.get()));
}

// False: the deadline has passed, or somebody has interrupted.
bool PostgresConnection::waitFor(short events, int64_t deadlineMs) {
    std::array<pollfd, 2> watched = {pollfd{PQsocket(connection_.get()), events, 0},
                                     pollfd{interrupt_.fd(), POLLIN, 0}};
    for (;;) {
        int timeoutMs = -1;
        if (deadlineMs != kNoTimeout) {
            timeoutMs = static_cast<int>(std::max<int64_t>(0, deadlineMs - steadyMs()));
        }
        const int ready = ::poll(watched.data(), watched.size(), timeoutMs);
        if (ready < 0) continue;  // a signal
        if (ready == 0 || watched[1].revents != 0) return false;
        return true;
    }
}

SqlAnswer PostgresConnection::ask(const char* sql, const SqlParams& params, int64_t timeoutMs) {
    if (!connection_) return lost("not connected");
    warned_ = false;
    const auto types = params.types();
    const auto values = params.values();
    const auto lengths = params.lengths();
    const auto formats = params.formats();
    const bool sent =
        PQsendQueryParams(connection_.get(), sql, static_cast<int>(params.size()), types.data(),
                          values.data(), lengths.data(), formats.data(), 1) == 1;
    return answer(sent, timeoutMs);
}

SqlAnswer PostgresConnection::run(const std::string& sql, int64_t timeoutMs) {
    if (!connection_) return lost("not connected");
    warned_ = false;
    return answer(PQsendQuery(connection_.get(), sql.c_str()) == 1, timeoutMs);
}

// The last result counts, or the first error.
SqlAnswer PostgresConnection::answer(bool sent, int64_t timeoutMs) {
    if (!sent) return lost(errorText());
    const int64_t deadlineMs = timeoutMs == kNoTimeout ? kNoTimeout : steadyMs() + timeoutMs;
    for (int unsent = 1; unsent != 0;) {
        unsent = PQflush(connection_.get());
        if (unsent < 0) return lost(errorText());
        if (unsent == 0) break;
        if (!waitFor(POLLIN | POLLOUT, deadlineMs)) return lost("no answer");
        if (PQconsumeInput(connection_.get()) == 0) return lost(errorText());
    }
    SqlAnswer answer;
    for (;;) {
        while (PQisBusy(connection_.get()) == 1) {
            if (!waitFor(POLLIN, deadlineMs)) return lost("no answer");
            if (PQconsumeInput(connection_.get()) == 0) return lost(errorText());
        }
        pg_result* const raw = PQgetResult(connection_.get());
        if (raw == nullptr) break;
        const std::shared_ptr<pg_result> result(raw, PQclear);
        const auto status = PQresultStatus(raw);
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            if (answer.isGood()) answer.result_ = result;
            continue;
        }
        if (!answer.isGood()) continue;
        answer.state_ = stateOf(raw);
        answer.text_ = oneLine(PQresultErrorMessage(raw));
        answer.lost_ = leavesUnknown(answer.state_);
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost(errorText());
    if (answer.isGood() && warned_) return lost("the commit was not waited for by the standby");
    if (answer.isLost()) {
        // Another host takes writes now.
        if (answer.state_ == kReadOnly) host_ = (host_ + 1) % target_.hosts();
        return lost(answer.text_);
    }
    return answer;
}

SqlAnswer PostgresConnection::lost(const std::string& why) {
    drop();
    SqlAnswer answer;
    answer.lost_ = true;
    answer.text_ = why;
    return answer;
}

}  // namespace netchat::store

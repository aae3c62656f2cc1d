#include "modes/serve/directory.h"

#include <algorithm>
#include <charconv>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/same_secret.h"

namespace netchat::serve {

namespace {

// The server's own voice towards classic users.
constexpr std::string_view kReservedNick = "netchat";

bool numberLess(const User* a, const User* b) {
    return a->number < b->number;
}

Error nickInUse(std::string_view nick) {
    return {ErrorCode::NickInUse,
            "the nick '" + std::string(nick) + "' is in use; choose another one"};
}

}  // namespace

void insertByNumber(std::vector<User*>& users, User& user) {
    users.insert(std::upper_bound(users.begin(), users.end(), &user, numberLess), &user);
}

void eraseByNumber(std::vector<User*>& users, const User& user) {
    const auto it = std::lower_bound(users.begin(), users.end(), &user, numberLess);
    if (it != users.end() && *it == &user) users.erase(it);
}

Result<User*> Directory::enter(SessionId session, std::string_view nick, std::string_view secret) {
    User* user = bySecret(secret);
    if (auto status = checkFree(nick, user); !status) {
        if (user && user->session == 0) retire(*user);
        return status.error();
    }
    if (!user) return create(session, nick, Dialect::V2);
    appear(*user, session, nick);
    return user;
}

Result<User*> Directory::enterClassic(SessionId session, std::string_view name) {
    auto status = checkClassicName(name);
    if (!status) return status.error();
    std::string free(name);
    for (unsigned n = 2; takenByV2(free, nullptr); ++n) {
        free = std::string(name) + "_" + std::to_string(n);
    }
    return create(session, free, Dialect::Classic);
}

Status Directory::checkFree(std::string_view nick, const User* user) const {
    auto status = checkNick(nick);
    if (!status) return status;
    if (takenByAnyone(nick, user)) return nickInUse(nick);
    return Ok{};
}

Status Directory::rename(User& user, std::string_view nick) {
    auto status = checkFree(nick, &user);
    if (!status) return status;
    dropNick(user);
    takeNick(user, nick);
    return Ok{};
}

void Directory::leave(User& user) {
    sessions_.erase(user.session);
    eraseByNumber(present_, user);
    dropNick(user);
    user.session = 0;
    user.searching = false;
    user.rooms.clear();
    user.dialect == Dialect::Classic ? void(users_.erase(user.number)) : retire(user);
}

// Kept for its return, as long as there are not too many.
void Directory::retire(User& user) {
    user.leaving = ++lastLeaving_;
    absent_.push_back({user.number, user.leaving});
    if (absent_.size() > limits::kAbsentUsersMax) forgetOldest();
}

void Directory::forgetOldest() {
    const auto [number, leaving] = absent_.front();
    absent_.pop_front();
    const auto it = users_.find(number);
    if (it == users_.end() || it->second->session != 0) return;
    if (it->second->leaving == leaving) users_.erase(it);
}

User* Directory::bySession(SessionId session) const {
    const auto it = sessions_.find(session);
    return it == sessions_.end() ? nullptr : it->second;
}

Result<User*> Directory::byNick(std::string_view nick) const {
    const auto [from, to] = nicks_.equal_range(nick);
    if (from == to) {
        return Error{ErrorCode::NoSuchNick, "nobody here is called '" + std::string(nick) + "'"};
    }
    if (std::next(from) != to) {
        return Error{ErrorCode::NoSuchNick, "several users are called '" + std::string(nick) + "'"};
    }
    return from->second;
}

Result<User*> Directory::create(SessionId session, std::string_view nick, Dialect dialect) {
    auto status = reserveNumber();
    if (!status) return status.error();
    auto owned = std::make_unique<User>();
    User& user = *owned;
    user.number = ++lastNumber_;
    user.dialect = dialect;
    if (dialect == Dialect::V2) {
        user.secret = std::to_string(user.number) + "-" + makeSecret_();
        if (log_) unsaved_.push_back({user.number, std::string(nick), user.secret});
    }
    users_.emplace(user.number, std::move(owned));
    appear(user, session, nick);
    return &user;
}

// Numbers come from the log in blocks: a restart wastes some, and repeats none.
Status Directory::reserveNumber() {
    if (!log_ || lastNumber_ < reservedTo_) return Ok{};
    constexpr uint64_t kBlock = 1024;
    const auto first = log_->reserve(kBlock);
    if (!first) return first.error();
    lastNumber_ = *first - 1;
    reservedTo_ = lastNumber_ + kBlock;
    return Ok{};
}

Status Directory::save() {
    if (unsaved_.empty()) return Ok{};
    auto status = log_->add(unsaved_);
    if (status) unsaved_.clear();
    return status;
}

void Directory::appear(User& user, SessionId session, std::string_view nick) {
    user.session = session;
    sessions_.emplace(session, &user);
    takeNick(user, nick);
    insertByNumber(present_, user);
}

User* Directory::bySecret(std::string_view secret) {
    UserId number = 0;
    std::from_chars(secret.data(), secret.data() + secret.size(), number);
    const auto it = users_.find(number);
    if (it != users_.end()) {
        const User& user = *it->second;
        const bool known = !user.secret.empty() && sameSecret(user.secret, secret);
        return known ? it->second.get() : nullptr;
    }
    if (!log_ || number == 0) return nullptr;
    auto record = log_->find(number, std::string(secret));
    if (!record) return nullptr;
    auto user = std::make_unique<User>();
    user->number = record->number;
    user->secret = record->secret;
    return users_.emplace(number, std::move(user)).first->second.get();
}

bool Directory::takenByV2(std::string_view nick, const User* except) const {
    if (nick == kReservedNick) return true;
    const auto [from, to] = nicks_.equal_range(nick);
    return std::any_of(from, to, [except](const auto& named) {
        return named.second != except && named.second->dialect == Dialect::V2;
    });
}

bool Directory::takenByAnyone(std::string_view nick, const User* except) const {
    if (nick == kReservedNick) return true;
    const auto [from, to] = nicks_.equal_range(nick);
    return std::any_of(from, to, [except](const auto& named) { return named.second != except; });
}

void Directory::takeNick(User& user, std::string_view nick) {
    user.nick = nick;
    nicks_.emplace(user.nick, &user);
}

void Directory::dropNick(User& user) {
    const auto [from, to] = nicks_.equal_range(user.nick);
    const auto it = std::find_if(from, to, [&user](const auto& n) { return n.second == &user; });
    if (it != to) nicks_.erase(it);
}

}  // namespace netchat::serve

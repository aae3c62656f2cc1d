#include "modes/serve/hub/directory.h"

#include <Poco/DigestEngine.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "modes/serve/names/nick_profile.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/same_secret.h"
#include "protocol/shell_word.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

bool numberLess(const User* a, const User* b) {
    return a->number < b->number;
}

Error nickInUse(std::string_view nick, std::string_view by) {
    const std::string quoted = "the nick '" + std::string(nick) + "' ";
    if (nick == by) return {ErrorCode::NickInUse, quoted + "is in use; choose another one"};
    return {ErrorCode::NickInUse,
            quoted + "looks like '" + std::string(by) + "', who is here; choose another one"};
}

// It is read by people who will paste the order.
std::string freeingOrder(std::string_view nick) {
    return "netchat ctl free-nick " + shellOperand(nick).value_or("NICK");
}

Error nickKept(std::string_view nick, const NickLeases::Lease& lease) {
    const std::string by = lease.nick;
    const std::string looks = nick == by ? " " : " looks like '" + by + "', which ";
    return {ErrorCode::NickInUse, "the nick '" + std::string(nick) + "'" + looks +
                                      "is reserved for a user who was here before, last on " +
                                      std::string(isoTime(lease.usedMs).str()).substr(0, 10) +
                                      ". Connect from the machine where it was used, choose "
                                      "another nick, or let the operator release it: " +
                                      freeingOrder(by)};
}

}  // namespace

void insertByNumber(std::vector<User*>& users, User& user) {
    users.insert(std::upper_bound(users.begin(), users.end(), &user, numberLess), &user);
}

void eraseByNumber(std::vector<User*>& users, const User& user) {
    const auto it = std::lower_bound(users.begin(), users.end(), &user, numberLess);
    if (it != users.end() && *it == &user) users.erase(it);
}

// ---- a user's secret

namespace {

// The user's number in a secret; 0 where there is none.
UserId numberIn(std::string_view secret) {
    UserId number = 0;
    std::from_chars(secret.data(), secret.data() + secret.size(), number);
    return number;
}

// The key in a secret that is whole.
std::optional<Key> keyIn(std::string_view secret) {
    const size_t dash = secret.find('-');
    if (dash == std::string_view::npos) return {};
    Key key{};
    try {
        const auto bytes = Poco::DigestEngine::digestFromHex(std::string(secret.substr(dash + 1)));
        if (bytes.size() != key.size()) return {};
        std::copy(bytes.begin(), bytes.end(), key.begin());
    } catch (const Poco::DataFormatException&) {
        return {};
    }
    return key;
}

}  // namespace

// ---- who is called what

void NickIndex::add(User& user) {
    if (count_ == 2 * heads_.size()) grow();
    User*& head = heads_[placeOf(user.nick)];
    user.nextAlike = head;
    head = &user;
    ++count_;
}

void NickIndex::remove(User& user) {
    User** at = &heads_[placeOf(user.nick)];
    while (*at != &user) at = &(*at)->nextAlike;
    *at = user.nextAlike;
    --count_;
}

void NickIndex::grow() {
    constexpr size_t kFirst = 16;
    const auto before =
        std::exchange(heads_, std::vector<User*>(std::max(kFirst, heads_.size() * 2)));
    for (User* user : before) {
        while (user) {
            User* const next = user->nextAlike;
            User*& head = heads_[placeOf(user->nick)];
            user->nextAlike = head;
            head = user;
            user = next;
        }
    }
}

// ---- coming and going

Result<User*> Directory::enter(SessionId session, std::string_view nick, std::string_view secret,
                               AddressKey address, bool guest) {
    User* const user = bySecret(secret);
    const auto free = guest ? guestNickFor(user, nick) : freeNickFor(user, nick);
    if (!free) return free.error();
    if (!user) return create(session, *free, Dialect::V2, address, guest);
    auto node = absent_.extract(user->number);
    assert(node);  // the hub has ended the session of one that was present
    user->guest = guest;
    if (!guest) leases_.use(*free, user->number, nowMs_, address);
    return &appear(std::move(node.mapped().user), session, *free);
}

Result<User*> Directory::enterClassic(SessionId session, std::string_view name) {
    const auto mended = mendedName(name);
    if (!mended) return mended.error();
    std::string free = *mended;
    const auto isV2 = [](const User& user) { return user.dialect == Dialect::V2; };
    const auto isKept = [this](const std::string& nick) {
        return looksLikeTheServer(nick) || leases_.against(nick, 0, nowMs_) != nullptr;
    };
    for (unsigned n = 2; isKept(free) || alike(free, isV2); ++n) {
        free = *mended + "_" + std::to_string(n);
    }
    return create(session, free, Dialect::Classic);
}

// It was good when the user took it, and is how others know it.
bool Directory::has(const User& user, std::string_view nick) const {
    return user.nick == nick || leases_.isOf(nick, user.number);
}

Result<std::string> Directory::freeNickFor(const User* user, std::string_view given) const {
    if (auto status = checkNick(given); !status) return status.error();
    Result<std::string> nick = std::string(given);
    if (!user || !has(*user, given)) nick = preparedNick(given);
    if (!nick) return nick;
    if (looksLikeTheServer(*nick)) return nickInUse(*nick, kServerNick);
    const auto isOther = [user](const User& other) { return &other != user; };
    if (const User* by = alike(*nick, isOther)) return nickInUse(*nick, by->nick);
    const UserId number = user ? user->number : 0;
    if (const auto* lease = leases_.against(*nick, number, nowMs_)) {
        return nickKept(*nick, *lease);
    }
    return nick;
}

// A guest gives way to other guests who are here by taking a number, and to nobody who owns a nick.
Result<std::string> Directory::guestNickFor(const User* user, std::string_view wanted) const {
    auto first = freeNickFor(user, wanted);
    if (first || !onlyGuestsHave(user, wanted)) return first;
    for (unsigned n = 2; n <= limits::kGuestsOfANickMax; ++n) {
        auto free = freeNickFor(user, std::string(wanted) + "-" + std::to_string(n));
        if (free) return free;
    }
    return first;
}

bool Directory::onlyGuestsHave(const User* user, std::string_view wanted) const {
    const auto nick = preparedNick(wanted);
    if (!nick || looksLikeTheServer(*nick)) return false;
    const auto isNoGuest = [user](const User& other) { return &other != user && !other.guest; };
    return !alike(*nick, isNoGuest) && !leases_.against(*nick, user ? user->number : 0, nowMs_);
}

Status Directory::checkFree(std::string_view nick, const User* user, bool guest) const {
    const auto free = guest ? guestNickFor(user, nick) : freeNickFor(user, nick);
    if (!free) return free.error();
    return Ok{};
}

Status Directory::rename(User& user, std::string_view nick, AddressKey address) {
    const auto free = freeNickFor(&user, nick);
    if (!free) return free.error();
    nicks_.remove(user);
    leases_.renew(user.nick, user.number, nowMs_);
    takeNick(user, *free);
    if (!user.guest) leases_.use(user.nick, user.number, nowMs_, address);
    return Ok{};
}

bool Directory::lacksLease(const User& user) const {
    const bool keeps = leases_.isOpen() && user.dialect == Dialect::V2 && !user.guest;
    return keeps && !leases_.isOf(user.nick, user.number);
}

void Directory::shiftTimes(int64_t sinceMs, int64_t byMs) {
    leases_.shift(sinceMs, byMs);
    for (User* user : present_) {
        user->sinceS = static_cast<uint32_t>(user->sinceS + byMs / 1000);
        if (user->spoken) user->spoken->lastMs += byMs;
    }
}

void Directory::leave(User& user) {
    eraseByNumber(present_, user);
    nicks_.remove(user);
    auto owned = std::move(placeOf(user.session));
    user.session = 0;
    user.host = kUncounted;
    user.searching = false;
    user.rooms.clear();
    if (user.dialect == Dialect::V2) leases_.renew(user.nick, user.number, nowMs_);
    if (user.dialect == Dialect::V2) retire(std::move(owned));
}

// Kept for its return, as long as there are not too many.
void Directory::retire(std::unique_ptr<User> user) {
    const UserId number = user->number;
    leavings_.push_back({number, ++lastLeaving_});
    absent_[number] = {std::move(user), lastLeaving_};
    if (leavings_.size() > limits::kAbsentUsersMax) forgetOldest();
}

void Directory::forgetOldest() {
    const auto [number, leaving] = leavings_.front();
    leavings_.pop_front();
    const auto it = absent_.find(number);
    if (it != absent_.end() && it->second.leaving == leaving) absent_.erase(it);
}

User* Directory::inSlotOf(SessionId session) const {
    const size_t shard = shardOf(session), slot = slotOf(session);
    if (shard >= sessions_.size() || slot >= sessions_[shard].size()) return nullptr;
    return sessions_[shard][slot].get();
}

User* Directory::bySession(SessionId session) const {
    User* const user = inSlotOf(session);
    return user && user->session == session ? user : nullptr;
}

std::unique_ptr<User>& Directory::placeOf(SessionId session) {
    const size_t shard = shardOf(session), slot = slotOf(session);
    if (shard >= sessions_.size()) sessions_.resize(shard + 1);
    if (slot >= sessions_[shard].size()) sessions_[shard].resize(slot + 1);
    return sessions_[shard][slot];
}

Result<User*> Directory::byNick(std::string_view nick) const {
    User* found = nullptr;
    size_t count = 0;
    const auto look = [&](User& user) {
        found = &user;
        ++count;
    };
    nicks_.each(nick, look);
    // As somebody may have typed it whose keyboard composes otherwise.
    if (const auto right = preparedNick(nick); count == 0 && right) nicks_.each(*right, look);
    if (count == 1) return found;
    return Error{ErrorCode::NoSuchNick,
                 (count == 0 ? "nobody here is called '" : "several users are called '") +
                     std::string(nick) + "'"};
}

NickOwner Directory::ownerOf(std::string_view nick) const {
    if (const auto here = byNick(nick); here && (*here)->dialect == Dialect::V2) {
        return {(*here)->number, (*here)->proof()};
    }
    const UserId number = leases_.ownerOf(nick, nowMs_);
    if (number == 0) return {};
    if (const User* user = known(number)) return {number, user->proof()};
    return {number, log_ ? log_->proofOf(number) : std::string()};
}

Result<User*> Directory::create(SessionId session, std::string_view nick, Dialect dialect,
                                AddressKey address, bool guest) {
    auto status = reserveNumber();
    if (!status) return status.error();
    auto user = std::make_unique<User>();
    user->number = ++lastNumber_;
    user->dialect = dialect;
    user->guest = guest;
    if (dialect == Dialect::V2) {
        user->key = keyOf(user->number);
        if (log_) unsaved_.push_back({user->number, std::string(nick), user->secret()});
        if (!guest) leases_.use(nick, user->number, nowMs_, address);
    }
    return &appear(std::move(user), session, nick);
}

Status Directory::save() {
    if (!unsaved_.empty()) {
        if (auto status = log_->add(unsaved_); !status) return status;
        unsaved_.clear();
    }
    if (leases_.wantsRollCall(nowMs_)) {
        for (const User* user : present_) {
            if (user->dialect == Dialect::V2) leases_.renew(user->nick, user->number, nowMs_);
        }
    }
    return leases_.save();
}

User& Directory::appear(std::unique_ptr<User> owned, SessionId session, std::string_view nick) {
    User& user = *owned;
    user.session = session;
    auto& place = placeOf(session);
    assert(!place);
    place = std::move(owned);
    takeNick(user, nick);
    insertByNumber(present_, user);
    return user;
}

// Present or absent, as far as it is in memory.
User* Directory::known(UserId number) const {
    const auto present =
        std::lower_bound(present_.begin(), present_.end(), number,
                         [](const User* user, UserId wanted) { return user->number < wanted; });
    if (present != present_.end() && (*present)->number == number) return *present;
    const auto absent = absent_.find(number);
    return absent == absent_.end() ? nullptr : absent->second.user.get();
}

UserId Directory::numberBySecret(std::string_view secret) const {
    const User* const user = known(numberIn(secret));
    const bool same = user && user->dialect == Dialect::V2 && sameSecret(user->secret(), secret);
    return same ? user->number : 0;
}

User* Directory::bySecret(std::string_view secret) {
    const UserId number = numberIn(secret);
    if (User* user = known(number)) return numberBySecret(secret) == number ? user : nullptr;
    const auto key = keyIn(secret);
    if (!log_ || number == 0 || !key) return nullptr;
    auto kept = log_->find(number, std::string(secret));
    if (!kept) return nullptr;
    auto user = std::make_unique<User>();
    user->number = number;
    user->nick = std::move(kept->nick);
    user->key = *key;
    retire(std::move(user));
    return known(number);
}

// One who is called just so comes before those who are called alike.
template <class Counts>
const User* Directory::alike(std::string_view nick, Counts counts) const {
    const User* found = nullptr;
    const auto look = [&](const User& user) {
        if (counts(user) && (!found || user.nick == nick)) found = &user;
    };
    nicks_.eachAlike(nick, look);
    return found;
}

void Directory::takeNick(User& user, std::string_view nick) {
    user.nick = nick;
    nicks_.add(user);
}

}  // namespace netchat::serve

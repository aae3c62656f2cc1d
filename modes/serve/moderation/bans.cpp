#include "modes/serve/moderation/bans.h"

#include <algorithm>
#include <optional>

#include "modes/serve/names/confusable.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

constexpr std::string_view kNick = "nick:";

bool holds(const store::Ruling& ruling, int64_t nowMs) {
    return ruling.untilMs == 0 || nowMs < ruling.untilMs;
}

}  // namespace

std::string nickKey(std::string_view nick) {
    return foldedNick(nick);
}

std::string rulingText(std::string_view what, const store::Ruling& ruling) {
    std::string text = "an operator has " + std::string(what);
    if (ruling.untilMs > 0) text += " until " + isoTime(ruling.untilMs).str();
    return ruling.text.empty() ? text : text + ": " + ruling.text;
}

// ---- the rulings

std::string Rulings::banTarget(const std::string& text) {
    if (const auto network = Network::parse(text)) return network->text();
    return isCloakTarget(text) ? text : std::string(kNick) + nickKey(text);
}

std::string Rulings::muteTarget(const std::string& text) {
    return isCloakTarget(text) ? text : nickKey(text);
}

void Rulings::load(std::vector<Ruling> rulings, store::RulingStore* store) {
    store_ = store;
    for (Ruling& ruling : rulings) {
        const auto kind = static_cast<size_t>(ruling.kind);
        if (kind >= std::size(rulings_)) continue;
        Ruling& kept = rulings_[kind][ruling.target];
        kept = std::move(ruling);
        enlist(kept);
    }
}

Status Rulings::put(Ruling ruling) {
    forgetOver(ruling.kind, ruling.sinceMs);
    if (store_) {
        if (auto status = store_->put(ruling); !status) return status;
    }
    ByTarget& all = rulings_[static_cast<size_t>(ruling.kind)];
    const auto before = all.find(ruling.target);
    if (before != all.end()) delist(before->second);
    Ruling& kept = all[ruling.target];
    kept = std::move(ruling);
    enlist(kept);
    return Ok{};
}

namespace {

// The key of the nick that a ban or a mute is of, if it is of one.
std::optional<std::string_view> nickIn(const store::Ruling& ruling) {
    const std::string_view target = ruling.target;
    const bool isMute = ruling.kind == store::Ruling::Kind::Mute;
    if (isMute && !isCloakTarget(target)) return target;
    if (ruling.kind != store::Ruling::Kind::Ban || !target.starts_with(kNick)) return {};
    return target.substr(kNick.size());
}

template <class Index, class Key>
void eraseFrom(Index& index, const Key& key, const store::Ruling* ruling) {
    const auto [from, to] = index.equal_range(key);
    const auto it = std::find_if(from, to, [&](const auto& one) { return one.second == ruling; });
    if (it != to) index.erase(it);
}

}  // namespace

void Rulings::enlist(const Ruling& ruling) {
    Found& found = found_[static_cast<size_t>(ruling.kind)];
    if (const auto nick = nickIn(ruling)) found.byLook.emplace(lookHash(*nick), &ruling);
    if (ruling.user != 0) found.byUser.emplace(ruling.user, &ruling);
}

void Rulings::delist(const Ruling& ruling) {
    Found& found = found_[static_cast<size_t>(ruling.kind)];
    if (const auto nick = nickIn(ruling)) eraseFrom(found.byLook, lookHash(*nick), &ruling);
    eraseFrom(found.byUser, ruling.user, &ruling);
}

void Rulings::forgetOver(Kind kind, int64_t nowMs) {
    std::vector<std::string> over;
    for (const auto& [target, ruling] : of(kind)) {
        if (!holds(ruling, nowMs)) over.push_back(target);
    }
    for (const std::string& target : over) (void)drop(kind, target);
}

Result<bool> Rulings::drop(Kind kind, const std::string& target) {
    if (!of(kind).contains(target)) return false;
    if (store_) {
        if (auto status = store_->drop(kind, target); !status) return status.error();
    }
    ByTarget& all = rulings_[static_cast<size_t>(kind)];
    const auto it = all.find(target);
    delist(it->second);
    all.erase(it);
    return true;
}

Status Rulings::shift(int64_t sinceMs, int64_t byMs) {
    Status all = Ok{};
    for (ByTarget& rulings : rulings_) {
        for (auto& [target, ruling] : rulings) {
            if (ruling.sinceMs < sinceMs) continue;
            ruling.sinceMs += byMs;
            if (ruling.untilMs > 0) ruling.untilMs += byMs;
            if (!store_) continue;
            if (auto status = store_->put(ruling); !status) all = status;
        }
    }
    return all;
}

const store::Ruling* Rulings::find(Kind kind, const std::string& target, int64_t nowMs) const {
    const auto it = of(kind).find(target);
    return it != of(kind).end() && holds(it->second, nowMs) ? &it->second : nullptr;
}

const store::Ruling* Rulings::ofNick(Kind kind, std::string_view nick, int64_t nowMs) const {
    const auto& byLook = found_[static_cast<size_t>(kind)].byLook;
    if (byLook.empty()) return nullptr;
    const auto alike = [&](std::string_view name) -> const Ruling* {
        const auto [from, to] = byLook.equal_range(lookHash(name));
        const auto it = std::find_if(from, to, [&](const auto& one) {
            return holds(*one.second, nowMs) && looksAlike(*nickIn(*one.second), name);
        });
        return it == to ? nullptr : it->second;
    };
    if (const Ruling* found = alike(nick)) return found;
    // Some characters are several in the key: such a nick does not look like its own key.
    const std::string key = nickKey(nick);
    return key == nick ? nullptr : alike(key);
}

const store::Ruling* Rulings::ofUser(Kind kind, const User& user, int64_t nowMs) const {
    const auto [from, to] = found_[static_cast<size_t>(kind)].byUser.equal_range(user.number);
    for (auto it = from; it != to; ++it) {
        if (holds(*it->second, nowMs) && concerns(*it->second, user)) return it->second;
    }
    return nullptr;
}

const store::Ruling* Rulings::ofHost(Kind kind, AddressKey host, int64_t nowMs) const {
    const auto after = of(kind).lower_bound(std::string(kCloakPrefix));
    const bool any = after != of(kind).end() && after->first.starts_with(kCloakPrefix);
    if (!any || host == kUncounted) return nullptr;
    return find(kind, std::string(kCloakPrefix) + cloakOf(host), nowMs);
}

const store::Ruling* Rulings::banOfNick(std::string_view nick, int64_t nowMs) const {
    return ofNick(Kind::Ban, nick, nowMs);
}

const store::Ruling* Rulings::banOfUser(const User& user, int64_t nowMs) const {
    return ofUser(Kind::Ban, user, nowMs);
}

const store::Ruling* Rulings::banOfHost(AddressKey host, int64_t nowMs) const {
    return ofHost(Kind::Ban, host, nowMs);
}

bool Rulings::concerns(const Ruling& ruling, const User& user) {
    return ruling.user == user.number && !ruling.proof.empty() && ruling.proof == user.proof();
}

const store::Ruling* Rulings::muteOf(const User& user, int64_t nowMs) const {
    if (!any(Kind::Mute)) return nullptr;
    if (const Ruling* muted = ofNick(Kind::Mute, user.nick, nowMs)) return muted;
    if (const Ruling* muted = ofUser(Kind::Mute, user, nowMs)) return muted;
    return ofHost(Kind::Mute, user.host, nowMs);
}

const store::Ruling* Rulings::operatorOf(const User& user) const {
    const auto [from, to] =
        found_[static_cast<size_t>(Kind::Operator)].byUser.equal_range(user.number);
    const auto it =
        std::find_if(from, to, [&](const auto& one) { return concerns(*one.second, user); });
    return it == to ? nullptr : it->second;
}

std::string Rulings::motd() const {
    const auto& motd = of(Kind::Motd);
    return motd.empty() ? std::string() : motd.begin()->second.text;
}

std::vector<const store::Ruling*> Rulings::all(Kind kind, int64_t nowMs) const {
    std::vector<const Ruling*> found;
    for (const auto& [target, ruling] : of(kind)) {
        if (holds(ruling, nowMs)) found.push_back(&ruling);
    }
    return found;
}

// ---- what others see of them

std::shared_ptr<const AddressBans> addressBans(const Rulings& rulings, int64_t nowMs) {
    auto bans = std::make_shared<AddressBans>();
    for (const auto* ruling : rulings.all(Rulings::Kind::Ban, nowMs)) {
        const auto network = Network::parse(ruling->target);
        if (!network) continue;
        bans->push_back(
            {*network, ruling->untilMs, rulingText("banned " + network->text(), *ruling)});
    }
    if (bans->empty()) return nullptr;
    return bans;
}

void BanGate::set(std::shared_ptr<const AddressBans> bans) {
    const std::lock_guard lock(mutex_);
    bans_ = std::move(bans);
}

std::shared_ptr<const AddressBans> BanGate::bans() const {
    const std::lock_guard lock(mutex_);
    return bans_;
}

std::string BanGate::refusal(const Poco::Net::IPAddress& address, int64_t nowMs) const {
    const auto all = bans();
    if (!all) return {};
    const auto it = std::find_if(all->begin(), all->end(), [&](const AddressBan& ban) {
        return (ban.untilMs == 0 || nowMs < ban.untilMs) && ban.network.contains(address);
    });
    return it == all->end() ? std::string() : it->text;
}

}  // namespace netchat::serve

#include "modes/serve/moderation/bans.h"

#include <algorithm>
#include <optional>

#include "modes/serve/names/confusable.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

constexpr std::string_view kNick = "nick:";

bool holds(const store::Sanction& sanction, int64_t nowMs) {
    return sanction.untilMs == 0 || nowMs < sanction.untilMs;
}

}  // namespace

std::string nickKey(std::string_view nick) {
    return foldedNick(nick);
}

std::string sanctionText(std::string_view what, const store::Sanction& sanction) {
    std::string text = "an operator has " + std::string(what);
    if (sanction.untilMs > 0) text += " until " + isoTime(sanction.untilMs).str();
    return sanction.text.empty() ? text : text + ": " + sanction.text;
}

// ---- the sanctions

std::string Sanctions::banTarget(const std::string& text) {
    if (const auto network = Network::parse(text)) return network->text();
    return isCloakTarget(text) ? text : std::string(kNick) + nickKey(text);
}

std::string Sanctions::muteTarget(const std::string& text) {
    return isCloakTarget(text) ? text : nickKey(text);
}

void Sanctions::load(std::vector<Sanction> sanctions, store::SanctionStore* store) {
    store_ = store;
    for (Sanction& sanction : sanctions) {
        const auto kind = static_cast<size_t>(sanction.kind);
        if (kind >= std::size(sanctions_)) continue;
        Sanction& kept = sanctions_[kind][sanction.target];
        kept = std::move(sanction);
        enlist(kept);
    }
}

Status Sanctions::put(Sanction sanction) {
    forgetOver(sanction.kind, sanction.sinceMs);
    if (store_) {
        if (auto status = store_->put(sanction); !status) return status;
    }
    ByTarget& all = sanctions_[static_cast<size_t>(sanction.kind)];
    const auto before = all.find(sanction.target);
    if (before != all.end()) delist(before->second);
    Sanction& kept = all[sanction.target];
    kept = std::move(sanction);
    enlist(kept);
    return Ok{};
}

namespace {

// The key of the nick that a ban or a mute is of, if it is of one.
std::optional<std::string_view> nickIn(const store::Sanction& sanction) {
    const std::string_view target = sanction.target;
    const bool isMute = sanction.kind == store::Sanction::Kind::Mute;
    if (isMute && !isCloakTarget(target)) return target;
    if (sanction.kind != store::Sanction::Kind::Ban || !target.starts_with(kNick)) return {};
    return target.substr(kNick.size());
}

template <class Index, class Key>
void eraseFrom(Index& index, const Key& key, const store::Sanction* sanction) {
    const auto [from, to] = index.equal_range(key);
    const auto it = std::find_if(from, to, [&](const auto& one) { return one.second == sanction; });
    if (it != to) index.erase(it);
}

}  // namespace

void Sanctions::enlist(const Sanction& sanction) {
    Found& found = found_[static_cast<size_t>(sanction.kind)];
    if (const auto nick = nickIn(sanction)) found.byLook.emplace(lookHash(*nick), &sanction);
    if (sanction.user != 0) found.byUser.emplace(sanction.user, &sanction);
}

void Sanctions::delist(const Sanction& sanction) {
    Found& found = found_[static_cast<size_t>(sanction.kind)];
    if (const auto nick = nickIn(sanction)) eraseFrom(found.byLook, lookHash(*nick), &sanction);
    eraseFrom(found.byUser, sanction.user, &sanction);
}

void Sanctions::forgetOver(Kind kind, int64_t nowMs) {
    std::vector<std::string> over;
    for (const auto& [target, sanction] : of(kind)) {
        if (!holds(sanction, nowMs)) over.push_back(target);
    }
    for (const std::string& target : over) (void)drop(kind, target);
}

Result<bool> Sanctions::drop(Kind kind, const std::string& target) {
    if (!of(kind).contains(target)) return false;
    if (store_) {
        if (auto status = store_->drop(kind, target); !status) return status.error();
    }
    ByTarget& all = sanctions_[static_cast<size_t>(kind)];
    const auto it = all.find(target);
    delist(it->second);
    all.erase(it);
    return true;
}

Status Sanctions::shift(int64_t sinceMs, int64_t byMs) {
    Status all = Ok{};
    for (ByTarget& sanctions : sanctions_) {
        for (auto& [target, sanction] : sanctions) {
            if (sanction.sinceMs < sinceMs) continue;
            sanction.sinceMs += byMs;
            if (sanction.untilMs > 0) sanction.untilMs += byMs;
            if (!store_) continue;
            if (auto status = store_->put(sanction); !status) all = status;
        }
    }
    return all;
}

const store::Sanction* Sanctions::find(Kind kind, const std::string& target, int64_t nowMs) const {
    const auto it = of(kind).find(target);
    return it != of(kind).end() && holds(it->second, nowMs) ? &it->second : nullptr;
}

const store::Sanction* Sanctions::ofNick(Kind kind, std::string_view nick, int64_t nowMs) const {
    const auto& byLook = found_[static_cast<size_t>(kind)].byLook;
    if (byLook.empty()) return nullptr;
    const auto alike = [&](std::string_view name) -> const Sanction* {
        const auto [from, to] = byLook.equal_range(lookHash(name));
        const auto it = std::find_if(from, to, [&](const auto& one) {
            return holds(*one.second, nowMs) && looksAlike(*nickIn(*one.second), name);
        });
        return it == to ? nullptr : it->second;
    };
    if (const Sanction* found = alike(nick)) return found;
    // Some characters are several in the key: such a nick does not look like its own key.
    const std::string key = nickKey(nick);
    return key == nick ? nullptr : alike(key);
}

const store::Sanction* Sanctions::ofUser(Kind kind, const User& user, int64_t nowMs) const {
    const auto [from, to] = found_[static_cast<size_t>(kind)].byUser.equal_range(user.number);
    for (auto it = from; it != to; ++it) {
        if (holds(*it->second, nowMs) && concerns(*it->second, user)) return it->second;
    }
    return nullptr;
}

const store::Sanction* Sanctions::ofHost(Kind kind, AddressKey host, int64_t nowMs) const {
    const auto after = of(kind).lower_bound(std::string(kCloakPrefix));
    const bool any = after != of(kind).end() && after->first.starts_with(kCloakPrefix);
    if (!any || host == kUncounted) return nullptr;
    return find(kind, std::string(kCloakPrefix) + cloakOf(host), nowMs);
}

const store::Sanction* Sanctions::banOfNick(std::string_view nick, int64_t nowMs) const {
    return ofNick(Kind::Ban, nick, nowMs);
}

const store::Sanction* Sanctions::banOfUser(const User& user, int64_t nowMs) const {
    return ofUser(Kind::Ban, user, nowMs);
}

const store::Sanction* Sanctions::banOfHost(AddressKey host, int64_t nowMs) const {
    return ofHost(Kind::Ban, host, nowMs);
}

bool Sanctions::concerns(const Sanction& sanction, const User& user) {
    return sanction.user == user.number && !sanction.proof.empty() &&
           sanction.proof == user.proof();
}

const store::Sanction* Sanctions::muteOf(const User& user, int64_t nowMs) const {
    if (!any(Kind::Mute)) return nullptr;
    if (const Sanction* muted = ofNick(Kind::Mute, user.nick, nowMs)) return muted;
    if (const Sanction* muted = ofUser(Kind::Mute, user, nowMs)) return muted;
    return ofHost(Kind::Mute, user.host, nowMs);
}

const store::Sanction* Sanctions::operatorOf(const User& user) const {
    const auto [from, to] =
        found_[static_cast<size_t>(Kind::Operator)].byUser.equal_range(user.number);
    const auto it =
        std::find_if(from, to, [&](const auto& one) { return concerns(*one.second, user); });
    return it == to ? nullptr : it->second;
}

std::string Sanctions::motd() const {
    const auto& motd = of(Kind::Motd);
    return motd.empty() ? std::string() : motd.begin()->second.text;
}

std::vector<const store::Sanction*> Sanctions::all(Kind kind, int64_t nowMs) const {
    std::vector<const Sanction*> found;
    for (const auto& [target, sanction] : of(kind)) {
        if (holds(sanction, nowMs)) found.push_back(&sanction);
    }
    return found;
}

// ---- what others see of them

std::shared_ptr<const AddressBans> addressBans(const Sanctions& sanctions, int64_t nowMs) {
    auto bans = std::make_shared<AddressBans>();
    for (const auto* sanction : sanctions.all(Sanctions::Kind::Ban, nowMs)) {
        const auto network = Network::parse(sanction->target);
        if (!network) continue;
        bans->push_back(
            {*network, sanction->untilMs, sanctionText("banned " + network->text(), *sanction)});
    }
    if (bans->empty()) return nullptr;
    return bans;
}

void BanGate::set(std::shared_ptr<const AddressBans> bans) {
    const MutexLock lock(mutex_);
    bans_ = std::move(bans);
}

std::shared_ptr<const AddressBans> BanGate::bans() const {
    const MutexLock lock(mutex_);
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

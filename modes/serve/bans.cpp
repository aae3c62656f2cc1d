#include "modes/serve/bans.h"

#include <Poco/Crypto/DigestEngine.h>

#include <algorithm>

#include "modes/serve/confusable.h"
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
    return std::string(kNick) + nickKey(text);
}

std::string Rulings::proofOf(const User& user) {
    if (user.dialect != Dialect::V2) return {};
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(user.secret());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

void Rulings::load(std::vector<Ruling> rulings, store::RulingStore* store) {
    store_ = store;
    for (Ruling& ruling : rulings) {
        const auto kind = static_cast<size_t>(ruling.kind);
        if (kind < std::size(rulings_)) rulings_[kind][ruling.target] = std::move(ruling);
    }
}

Status Rulings::put(Ruling ruling) {
    forgetOver(ruling.kind, ruling.sinceMs);
    if (store_) {
        if (auto status = store_->put(ruling); !status) return status;
    }
    rulings_[static_cast<size_t>(ruling.kind)][ruling.target] = std::move(ruling);
    return Ok{};
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
    rulings_[static_cast<size_t>(kind)].erase(target);
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

const store::Ruling* Rulings::banOfNick(std::string_view nick, int64_t nowMs) const {
    if (!any(Kind::Ban)) return nullptr;
    return find(Kind::Ban, std::string(kNick) + nickKey(nick), nowMs);
}

bool Rulings::concerns(const Ruling& ruling, const User& user) {
    return ruling.user == user.number && !ruling.proof.empty() && ruling.proof == proofOf(user);
}

const store::Ruling* Rulings::muteOf(const User& user, int64_t nowMs) const {
    if (!any(Kind::Mute)) return nullptr;
    const std::string key = nickKey(user.nick);
    for (const auto& [target, ruling] : of(Kind::Mute)) {
        if (holds(ruling, nowMs) && (target == key || concerns(ruling, user))) return &ruling;
    }
    return nullptr;
}

const store::Ruling* Rulings::operatorOf(const User& user) const {
    for (const auto& [target, ruling] : of(Kind::Operator)) {
        if (concerns(ruling, user)) return &ruling;
    }
    return nullptr;
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

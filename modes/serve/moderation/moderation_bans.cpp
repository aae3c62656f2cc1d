// Bans and mutes. A nick stands for three things: itself and what looks like it, the user who has
// it (or had it last), and, where the order says so, the address of whoever is called so.

#include <algorithm>

#include "modes/serve/moderation/admin_command_text.h"
#include "modes/serve/moderation/moderation.h"
#include "modes/serve/names/confusable.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

namespace {

using Kind = Sanctions::Kind;

// A network of this prefix or a longer one may be one provider's customers; above it is a country.
constexpr unsigned kPrefixMinIPv4 = 8, kPrefixMinIPv6 = 32;

bool isWide(const Network& network) {
    const bool six = network.text().find(':') != std::string::npos;
    return network.prefix() < (six ? kPrefixMinIPv6 : kPrefixMinIPv4);
}

Status checkNetwork(const std::string& target) {
    const auto network = Network::parse(target);
    if (!network) {
        return wrongOrder(
            inQuotes(target) +
            " is not an address or network such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; if it "
            "is a nick, use the number of its user, such as #12");
    }
    if (network->prefix() == 0)
        return wrongOrder(target + " would ban everybody; use drain to stop the server");
    return Ok{};
}

bool meansACloak(std::string_view target) {
    const size_t start = target.find_first_not_of(' ');
    return start != std::string_view::npos && beginsLikeACloak(target.substr(start));
}

Status checkCloak(const std::string& target) {
    if (isCloakTarget(target)) return Ok{};
    return wrongOrder(inQuotes(target) +
                      " is not a cloak; a cloak is 'cloak:' and the ten characters that who shows");
}

}  // namespace

store::Sanction Moderation::sanctionOf(Kind kind, std::string target, const AdminCommand& order,
                                       const std::string& by) const {
    store::Sanction sanction;
    sanction.kind = kind;
    sanction.target = std::move(target);
    sanction.sinceMs = nowMs_;
    sanction.untilMs = order.forMs > 0 ? nowMs_ + order.forMs : 0;
    sanction.text = order.text.value_or("");
    sanction.by = by;
    return sanction;
}

// Present users who are called so or alike, and the one who is known by the nick.
std::vector<User*> Moderation::usersMeant(std::string_view nick, UserId owner) const {
    std::vector<User*> found;
    const size_t look = lookHash(nick);
    for (User* user : host_.present()) {
        const bool same = owner != 0 && user->number == owner;
        if (same || (lookHash(user->nick) == look && looksAlike(user->nick, nick))) {
            found.push_back(user);
        }
    }
    return found;
}

bool Moderation::isCloakHere(std::string_view word) const {
    if (!isCloakTarget(std::string(kCloakPrefix) + std::string(word))) return false;
    const auto present = host_.present();
    return std::any_of(present.begin(), present.end(),
                       [&](const User* user) { return sanctions_.cloakOf(user->host) == word; });
}

// ---- bans

Result<Moderation::BanPlan> Moderation::planBan(const AdminCommand& order,
                                                const std::string& by) const {
    BanPlan plan;
    if (meansACloak(order.target)) {
        if (auto status = checkCloak(order.target); !status) return status.error();
        plan.sanctions.push_back(sanctionOf(Kind::Ban, order.target, order, by));
        return plan;
    }
    if (isLikeANetwork(order.target)) {
        if (auto status = checkNetwork(order.target); !status) return status.error();
        plan.sanctions.push_back(
            sanctionOf(Kind::Ban, Sanctions::banTarget(order.target), order, by));
        return plan;
    }
    std::string nick = order.target;
    if (const UserId number = userNumberIn(order.target).value_or(0); number != 0) {
        const auto users = usersNamed(order.target);
        if (users.empty())
            return wrongOrder("nobody here has the number " + inQuotes(order.target));
        nick = users.front()->nick;
        plan.owner = {number, users.front()->proof()};
    } else {
        plan.owner = host_.ownerOf(nick);
    }
    if (auto status = checkClassicName(nick); !status) {
        return wrongOrder(
            "name an address, a network such as 192.0.2.0/24, a cloak or a nick to ban, not " +
            inQuotes(order.target));
    }
    plan.nick = nick;
    plan.users = usersMeant(nick, plan.owner.user);
    if (plan.users.empty() && isCloakHere(nick)) {
        return wrongOrder(inQuotes(nick) + " is the cloak of somebody here; to ban it, write " +
                          inQuotes(std::string(kCloakPrefix) + nick));
    }
    auto sanction = sanctionOf(Kind::Ban, "nick:" + nickKey(nick), order, by);
    sanction.user = plan.owner.proof.empty() ? 0 : plan.owner.user;
    sanction.proof = plan.owner.proof;
    plan.sanctions.push_back(std::move(sanction));
    return plan;
}

// The addresses of those who are called so, as networks that are banned along with the nick.
Status Moderation::addAddresses(BanPlan& plan, const AdminCommand& order,
                                const std::string& by) const {
    if (plan.nick.empty()) return wrongOrder("--address can be used only with the ban of a nick");
    const std::string along = plan.sanctions.front().target;
    for (const User* user : plan.users) {
        if (user->host == kUncounted) continue;
        auto sanction = sanctionOf(Kind::Ban, Network::of(user->host).text(), order, by);
        sanction.proof = along;
        const auto isSame = [&](const auto& other) { return other.target == sanction.target; };
        if (std::none_of(plan.sanctions.begin(), plan.sanctions.end(), isSame)) {
            plan.sanctions.push_back(std::move(sanction));
        }
    }
    if (plan.sanctions.size() > 1) return Ok{};
    return wrongOrder("nobody here is called " + inQuotes(plan.nick) + ": no address is known");
}

// A ban that hits who orders it, another operator, or most of the world may be a slip.
Status Moderation::checkSlip(const BanPlan& plan, const AdminCommand& order) const {
    const auto ask = [](const std::string& what) {
        return wrongOrder(what + "; use --force to do it anyway");
    };
    for (const User* user : plan.users) {
        if (order.user != 0 && user->number == order.user) return ask("this bans yourself");
        if (sanctions_.isOperator(*user)) {
            return ask("this bans the operator " + inQuotes(user->nick));
        }
    }
    for (const store::Sanction& sanction : plan.sanctions) {
        const auto network = Network::parse(sanction.target);
        const bool cloaked = sanction.target.starts_with(kCloakPrefix);
        if (network && isWide(*network)) {
            const bool six = network->text().find(':') != std::string::npos;
            return ask(network->text() + " is wider than /" +
                       std::to_string(six ? kPrefixMinIPv6 : kPrefixMinIPv4));
        }
        for (const User* user : host_.present()) {
            const bool hit =
                (network && user->host != kUncounted && network->touches(user->host)) ||
                (cloaked &&
                 sanction.target.substr(kCloakPrefix.size()) == sanctions_.cloakOf(user->host));
            if (!hit || !sanctions_.isOperator(*user)) continue;
            const bool self = user->number == order.user;
            return ask(self ? "this bans your own address"
                            : "this bans the address of the operator " + inQuotes(user->nick));
        }
    }
    return Ok{};
}

Result<std::string> Moderation::ban(const AdminCommand& order, const std::string& by) {
    auto plan = planBan(order, by);
    if (!plan) return plan.error();
    if (order.address) {
        if (auto status = addAddresses(*plan, order, by); !status) return status.error();
    }
    if (!order.force) {
        if (auto status = checkSlip(*plan, order); !status) return status.error();
    }
    for (const store::Sanction& sanction : plan->sanctions) {
        if (auto status = sanctions_.put(sanction); !status) return status.error();
    }
    enforce(*plan);
    const store::Sanction& first = plan->sanctions.front();
    if (plan->nick.empty()) return first.target + " is banned" + orderDetails(order);
    std::string with;
    if (first.user != 0) with = "user #" + std::to_string(first.user);
    if (order.address) with += std::string(with.empty() ? "" : " and ") + "the address";
    return "the nick " + inQuotes(plan->nick) + (with.empty() ? "" : " with " + with) +
           " is banned" + orderDetails(order);
}

void Moderation::enforce(const BanPlan& plan) {
    bool networks = false;
    for (const store::Sanction& sanction : plan.sanctions) {
        const auto network = Network::parse(sanction.target);
        if (network) {
            networks = true;
            const auto ban = std::make_shared<const AddressBan>(AddressBan{
                *network, sanction.untilMs, sanctionText("banned " + network->text(), sanction)});
            host_.expelFrom(ban);
        }
    }
    if (networks) publish();
    const auto present = host_.present();  // a copy: those who are expelled leave it
    for (User* user : present) {
        const bool named =
            std::find(plan.users.begin(), plan.users.end(), user) != plan.users.end();
        if (!named && !sanctions_.banOfHost(user->host, nowMs_)) continue;
        if (auto banned = bannedError(user->nick, user, user->host)) {
            host_.expel(*user, ErrorCode::Banned, banned->text);
        }
    }
}

// What was banned along with a nick is free with it.
Result<std::string> Moderation::unban(const AdminCommand& order) {
    std::string target = Sanctions::banTarget(order.target);
    const UserId number = userNumberIn(order.target).value_or(0);
    std::vector<std::string> targets;
    for (const auto* sanction : sanctions_.all(Kind::Ban, nowMs_)) {
        const bool isIt = sanction->target == target || sanction->proof == target;
        if (isIt || (number != 0 && sanction->user == number)) targets.push_back(sanction->target);
    }
    if (targets.empty()) {
        const auto* like = sanctions_.banOfNick(order.target, nowMs_);
        const std::string other =
            like ? "the nick " + inQuotes(like->target.substr(5)) + ", which looks like it, is"
                 : "use bans to list all bans";
        return wrongOrder(inQuotes(order.target) + " is not banned; " + other);
    }
    for (const std::string& each : targets) {
        const auto dropped = sanctions_.drop(Kind::Ban, each);
        if (!dropped) return dropped.error();
    }
    publish();
    return forLog(order.target, 130) + " is no longer banned";
}

// ---- mutes

Result<std::string> Moderation::mute(const AdminCommand& order, const std::string& by) {
    std::vector<store::Sanction> sanctions;
    if (meansACloak(order.target)) {
        if (auto status = checkCloak(order.target); !status) return status.error();
        sanctions.push_back(sanctionOf(Kind::Mute, order.target, order, by));
    }
    const auto users = sanctions.empty() ? usersNamed(order.target) : std::vector<User*>();
    for (const User* user : users) {
        auto& sanction =
            sanctions.emplace_back(sanctionOf(Kind::Mute, nickKey(user->nick), order, by));
        sanction.user = user->number;
        sanction.proof = user->proof();
    }
    if (sanctions.empty()) {
        const auto owner = host_.ownerOf(order.target);
        if (owner.proof.empty()) return nobodyIs(order.target);
        auto& sanction =
            sanctions.emplace_back(sanctionOf(Kind::Mute, nickKey(order.target), order, by));
        sanction.user = owner.user;
        sanction.proof = owner.proof;
    }
    for (const store::Sanction& sanction : sanctions) {
        if (auto status = sanctions_.put(sanction); !status) return status.error();
        for (User* user : host_.present()) {
            const auto* muted = sanctions_.muteOf(*user, nowMs_);
            user->muted = muted != nullptr;
            if (!muted || muted->target != sanction.target) continue;
            host_.notify(user->session, sanctionText("muted you", *muted));
        }
    }
    return forLog(order.target, 130) + " is muted" + orderDetails(order);
}

Result<std::string> Moderation::unmute(const AdminCommand& order) {
    std::vector<std::string> targets = {Sanctions::muteTarget(order.target)};
    std::string cloak;
    for (const User* user : usersNamed(order.target)) {
        targets.push_back(nickKey(user->nick));
        for (const auto* sanction : sanctions_.all(Kind::Mute, nowMs_)) {
            const bool isIts =
                Sanctions::concerns(*sanction, *user) || looksAlike(sanction->target, user->nick);
            if (isIts) targets.push_back(sanction->target);
        }
        const std::string its = std::string(kCloakPrefix) + sanctions_.cloakOf(user->host);
        if (sanctions_.find(Kind::Mute, its, nowMs_)) cloak = its;
    }
    bool any = false;
    for (const std::string& target : targets) {
        const auto dropped = sanctions_.drop(Kind::Mute, target);
        if (!dropped) return dropped.error();
        any = any || *dropped;
    }
    for (User* user : host_.present()) {
        if (!user->muted || refreshMuted(*user)) continue;
        host_.notify(user->session, "an operator has unmuted you");
    }
    if (!cloak.empty()) return wrongOrder(inQuotes(order.target) + " is muted as " + cloak);
    if (!any) return wrongOrder(inQuotes(order.target) + " is not muted");
    return forLog(order.target, 130) + " is no longer muted";
}

}  // namespace netchat::serve

#include "modes/serve/moderation/moderation.h"

#include "modes/serve/moderation/admin_command_text.h"
#include "modes/serve/names/confusable.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

using Kind = Sanctions::Kind;

constexpr char kMotd[] = "motd";

std::string timeOrNone(int64_t ms) {
    return ms > 0 ? isoTime(ms).str() : std::string();
}

}  // namespace

void Moderation::load(Kept kept) {
    sanctions_.cloakBy(Cloaks(kept.cloakKey));
    sanctions_.load(std::move(kept.sanctions), kept.store);
    publishBans_ = std::move(kept.publishBans);
    publish();
}

void Moderation::publish() const {
    if (publishBans_) publishBans_(addressBans(sanctions_, nowMs_));
}

void Moderation::timeBelieved(int64_t sinceMs, int64_t byMs) {
    // What cannot be kept so holds here all the same, and is over sooner after a restart.
    (void)sanctions_.shift(sinceMs, byMs);
    publish();
}

// ---- what holds

Error Moderation::mutedError(const User& user) const {
    const auto* sanction = sanctions_.muteOf(user, nowMs_);
    return {ErrorCode::Muted, sanction ? sanctionText("muted you", *sanction) : "you were muted"};
}

std::optional<Error> Moderation::closedError(std::string_view room) const {
    if (!sanctions_.any(Kind::Closed)) return {};
    const auto* sanction = sanctions_.find(Kind::Closed, std::string(room), nowMs_);
    if (!sanction) return {};
    return Error{ErrorCode::BadRoom, sanctionText("closed the room", *sanction)};
}

std::optional<Error> Moderation::bannedError(std::string_view nick, const User* user,
                                             AddressKey host) const {
    if (!sanctions_.any(Kind::Ban)) return {};
    const auto banned = [](const std::string& what, const store::Sanction& sanction) {
        return Error{ErrorCode::Banned, sanctionText("banned " + what, sanction)};
    };
    if (const auto* sanction = sanctions_.banOfNick(nick, nowMs_)) {
        return banned("the nick '" + std::string(nick) + "'", *sanction);
    }
    const auto* ofUser = user ? sanctions_.banOfUser(*user, nowMs_) : nullptr;
    if (ofUser) return banned("you", *ofUser);
    if (const auto* sanction = sanctions_.banOfHost(host, nowMs_))
        return banned("your address", *sanction);
    return {};
}

std::optional<Error> Moderation::closedLikeError(std::string_view room) const {
    for (const auto* closed : sanctions_.all(Kind::Closed, nowMs_)) {
        if (looksAlike(closed->target, room)) return closedError(closed->target);
    }
    return {};
}

const std::string* Moderation::motdSince(int64_t ms) const {
    if (!sanctions_.any(Kind::Motd)) return nullptr;
    const auto* motd = sanctions_.find(Kind::Motd, kMotd, nowMs_);
    return motd && motd->sinceMs >= ms ? &motd->text : nullptr;
}

std::vector<Row> Moderation::rows() const {
    constexpr std::pair<Kind, const char*> kKinds[] = {{Kind::Ban, "ban"},
                                                       {Kind::Mute, "mute"},
                                                       {Kind::Closed, "closed-room"},
                                                       {Kind::Operator, "operator"}};
    std::vector<Row> rows;
    for (const auto& [kind, name] : kKinds) {
        for (const auto* sanction : sanctions_.all(kind, nowMs_)) {
            const bool isUser = kind == Kind::Operator;
            std::string target = isUser ? sanction->text : sanction->target;
            if (target.starts_with("nick:")) target.erase(0, 5);
            rows.push_back({{"kind", std::string(name)},
                            {"target", target},
                            {"user", static_cast<int64_t>(sanction->user)},
                            {"since", timeOrNone(sanction->sinceMs)},
                            {"until", timeOrNone(sanction->untilMs)},
                            {"by", sanction->by},
                            {"reason", isUser ? std::string() : sanction->text}});
        }
    }
    return rows;
}

// ---- what operators order

Result<std::string> Moderation::carryOut(const AdminCommand& order, const std::string& by) {
    switch (order.act) {
        case AdminAction::Kick:
            return kick(order);
        case AdminAction::Ban:
            return ban(order, by);
        case AdminAction::Unban:
            return unban(order);
        case AdminAction::Mute:
            return mute(order, by);
        case AdminAction::Unmute:
            return unmute(order);
        case AdminAction::CloseRoom:
            return closeRoom(order, by);
        case AdminAction::OpenRoom:
            return openRoom(order);
        case AdminAction::Motd:
            return setMotd(order, by);
        case AdminAction::Op:
            return makeOperator(order, by);
        case AdminAction::Deop:
            return unmakeOperator(order);
        case AdminAction::Who:
        case AdminAction::Rooms:
        case AdminAction::Bans:
        case AdminAction::Stats:
        case AdminAction::Drain:
        case AdminAction::FreeNick:
        case AdminAction::Reload:
        case AdminAction::RemoveFile:
        case AdminAction::PurgeRoom:
        case AdminAction::PurgeUser:
        case AdminAction::RemoveRoom:
            break;
    }
    return Error{ErrorCode::Internal, "moderation does not carry this out"};
}

std::vector<User*> Moderation::usersNamed(const std::string& target) const {
    const auto number = userNumberIn(target);
    std::vector<User*> found;
    for (User* user : host_.present()) {
        if (number ? user->number == *number : user->nick == target) found.push_back(user);
    }
    return found;
}

Error Moderation::nobodyIs(const std::string& target) {
    return {ErrorCode::NoSuchNick, "nobody here is called " + inQuotes(target)};
}

Result<std::string> Moderation::kick(const AdminCommand& order) {
    const auto users = usersNamed(order.target);
    if (users.empty()) return nobodyIs(order.target);
    store::Sanction sanction;
    sanction.text = order.text.value_or("");
    const std::string why = sanctionText("disconnected you", sanction);
    for (User* user : users) host_.expel(*user, ErrorCode::Kicked, why);
    return forLog(order.target, 130) + " was kicked" + orderDetails(order);
}

Result<std::string> Moderation::closeRoom(const AdminCommand& order, const std::string& by) {
    if (auto status = checkRoom(order.target); !status) return status.error();
    const auto sanction = sanctionOf(Kind::Closed, order.target, order, by);
    if (auto status = sanctions_.put(sanction); !status) return status.error();
    host_.emptyRoom(order.target, sanctionText("closed the room", sanction));
    return "the room " + inQuotes(order.target) + " is closed" + orderDetails(order);
}

Result<std::string> Moderation::openRoom(const AdminCommand& order) {
    const auto dropped = sanctions_.drop(Kind::Closed, order.target);
    if (!dropped) return dropped.error();
    if (!*dropped) return wrongOrder("the room " + inQuotes(order.target) + " is not closed");
    return "the room " + inQuotes(order.target) + " is open again";
}

Result<std::string> Moderation::setMotd(const AdminCommand& order, const std::string& by) {
    if (order.text->empty()) {
        const auto dropped = sanctions_.drop(Kind::Motd, kMotd);
        if (!dropped) return dropped.error();
        return std::string("the message of the day is removed");
    }
    const auto sanction = sanctionOf(Kind::Motd, kMotd, order, by);
    if (auto status = sanctions_.put(sanction); !status) return status.error();
    host_.notify(0, sanction.text);
    return std::string("the message of the day is set, and sent to all users");
}

Result<std::string> Moderation::makeOperator(const AdminCommand& order, const std::string& by) {
    const auto users = usersNamed(order.target);
    if (users.empty()) return nobodyIs(order.target);
    User& user = *users.front();
    if (users.size() > 1 || user.dialect != Dialect::V2) {
        return wrongOrder(
            inQuotes(order.target) +
            " uses the classic protocol, so the server cannot recognise this user later");
    }
    auto sanction = sanctionOf(Kind::Operator, std::to_string(user.number), order, by);
    sanction.user = user.number;
    sanction.proof = user.proof();
    sanction.text = user.nick;
    if (auto status = sanctions_.put(sanction); !status) return status.error();
    host_.notify(user.session,
                 "you are an operator now: !kick, !ban, !unban, !mute, !unmute, "
                 "!close-room, !open-room");
    return user.nick + " (user " + std::to_string(user.number) + ") is an operator";
}

Result<std::string> Moderation::unmakeOperator(const AdminCommand& order) {
    std::string target;
    for (User* user : usersNamed(order.target)) {
        if (const auto* sanction = sanctions_.operatorOf(*user)) {
            target = sanction->target;
            host_.notify(user->session, "you are no longer an operator");
        }
    }
    // Whoever is not here, as they were called then or by number.
    for (const auto* sanction : sanctions_.all(Kind::Operator, nowMs_)) {
        const bool named = sanction->text == order.target || "#" + sanction->target == order.target;
        if (target.empty() && named) target = sanction->target;
    }
    if (target.empty()) return wrongOrder(inQuotes(order.target) + " is not an operator");
    const auto dropped = sanctions_.drop(Kind::Operator, target);
    if (!dropped) return dropped.error();
    return forLog(order.target, 130) + " is no longer an operator";
}

}  // namespace netchat::serve

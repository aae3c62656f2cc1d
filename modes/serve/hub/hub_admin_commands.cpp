// The hub's obedience: each order, done to users and rooms. What is ruled is kept before it holds.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "modes/serve/moderation/admin_command_text.h"
#include "protocol/duration.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

namespace {

using Kind = Sanctions::Kind;

constexpr char kMotd[] = "motd";

}  // namespace

// Those called so; "#12" is the user with that number.
std::vector<User*> Hub::usersNamed(const std::string& target) const {
    const auto number = userNumberIn(target);
    std::vector<User*> found;
    for (User* user : directory_.present()) {
        if (number ? user->number == *number : user->nick == target) found.push_back(user);
    }
    return found;
}

void Hub::expel(User& user, ErrorCode code, const std::string& why) {
    Refused refused{user.session, {code, why}, {}, {}, {}, user.nick};
    refused.fatal = true;
    depart(user);  // which ends a classic user
    emit(refused.session, std::move(refused));
}

void Hub::notify(SessionId session, std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    if (session != 0) return emit(session, Notice{session, shared});
    for (EffectBatch& effects : effects_) effects.push_back(Notice{0, shared});
}

Error Hub::nobodyIs(const std::string& target) {
    return {ErrorCode::NoSuchNick, "nobody here is called " + inQuotes(target)};
}

Result<std::string> Hub::kick(const AdminCommand& order) {
    const auto users = usersNamed(order.target);
    if (users.empty()) return nobodyIs(order.target);
    store::Sanction sanction;
    sanction.text = order.text.value_or("");
    const std::string why = sanctionText("disconnected you", sanction);
    for (User* user : users) expel(*user, ErrorCode::Kicked, why);
    return forLog(order.target, 130) + " was kicked" + orderDetails(order);
}

Result<std::string> Hub::closeRoom(const AdminCommand& order, const std::string& by) {
    if (auto status = checkRoom(order.target); !status) return status.error();
    const auto sanction = sanctionOf(Kind::Closed, order.target, order, by);
    if (auto status = operators_.sanctions.put(sanction); !status) return status.error();
    if (Room* room = findRoom(order.target)) {
        emptyRoom(*room, sanctionText("closed the room", sanction));
    }
    return "the room " + inQuotes(order.target) + " is closed" + orderDetails(order);
}

void Hub::emptyRoom(Room& room, const std::string& why) {
    const std::string name = room.name;
    // Classic users have no other room to be in.
    std::vector<User*> classic;
    for (User* user : room.members) {
        if (user->dialect == Dialect::Classic) classic.push_back(user);
    }
    for (User* user : classic) expel(*user, ErrorCode::BadRoom, why);
    Room* const left = findRoom(name);
    if (!left) return;
    flushRoom(*left);
    const uint64_t last = log_.range(name).last;
    while (!left->members.empty()) {
        User& user = *left->members.back();
        left->members.pop_back();
        emit(user.session, Unsubscribed{user.session, left->id, last, true, why});
        user.rooms.erase(std::find(user.rooms.begin(), user.rooms.end(), left->id));
    }
    std::fill(left->perShard.begin(), left->perShard.end(), 0);
    left->perDialect = {};
    if (last == 0) dropRoom(*left);
}

Result<std::string> Hub::openRoom(const AdminCommand& order) {
    const auto dropped = operators_.sanctions.drop(Kind::Closed, order.target);
    if (!dropped) return dropped.error();
    if (!*dropped) return wrongOrder("the room " + inQuotes(order.target) + " is not closed");
    return "the room " + inQuotes(order.target) + " is open again";
}

Result<std::string> Hub::setMotd(const AdminCommand& order, const std::string& by) {
    if (order.text->empty()) {
        const auto dropped = operators_.sanctions.drop(Kind::Motd, kMotd);
        if (!dropped) return dropped.error();
        return std::string("the message of the day is removed");
    }
    const auto sanction = sanctionOf(Kind::Motd, kMotd, order, by);
    if (auto status = operators_.sanctions.put(sanction); !status) return status.error();
    notify(0, sanction.text);
    return std::string("the message of the day is set, and sent to all users");
}

// The hub tells everyone; the server closes its door, and ends.
Result<std::string> Hub::drain(const AdminCommand& order) {
    const std::string when = order.forMs > 0 ? "in " + durationText(order.forMs) : "soon";
    const std::string why = order.text.value_or("");
    notify(0, "this server stops " + when + (why.empty() ? "" : ": " + why));
    return "new users are refused; the server stops when everyone has left" +
           (order.forMs > 0 ? ", or in " + durationText(order.forMs) : std::string());
}

Result<std::string> Hub::makeOperator(const AdminCommand& order, const std::string& by) {
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
    if (auto status = operators_.sanctions.put(sanction); !status) return status.error();
    notify(user.session,
           "you are an operator now: !kick, !ban, !unban, !mute, !unmute, "
           "!close-room, !open-room");
    return user.nick + " (user " + std::to_string(user.number) + ") is an operator";
}

Result<std::string> Hub::unmakeOperator(const AdminCommand& order) {
    std::string target;
    for (User* user : usersNamed(order.target)) {
        if (const auto* sanction = operators_.sanctions.operatorOf(*user)) {
            target = sanction->target;
            notify(user->session, "you are no longer an operator");
        }
    }
    // Whoever is not here, as they were called then or by number.
    for (const auto* sanction : operators_.sanctions.all(Kind::Operator, nowMs_)) {
        const bool named = sanction->text == order.target || "#" + sanction->target == order.target;
        if (target.empty() && named) target = sanction->target;
    }
    if (target.empty()) return wrongOrder(inQuotes(order.target) + " is not an operator");
    const auto dropped = operators_.sanctions.drop(Kind::Operator, target);
    if (!dropped) return dropped.error();
    return forLog(order.target, 130) + " is no longer an operator";
}

// With those that look like it, which would keep it from everybody else just the same. Whoever is
// here keeps theirs while they are.
Result<std::string> Hub::freeNick(const AdminCommand& order) {
    const auto freed = directory_.freeNick(order.target);
    if (freed.empty()) {
        return wrongOrder("the nick " + inQuotes(order.target) + " is not reserved");
    }
    if (auto status = directory_.save(); !status) return status.error();
    std::string names;
    for (const std::string& nick : freed) names += (names.empty() ? "" : ", ") + inQuotes(nick);
    return (freed.size() == 1 ? "the nick " + names + " is" : "the nicks " + names + " are") +
           " no longer reserved";
}

}  // namespace netchat::serve

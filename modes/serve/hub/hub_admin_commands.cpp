// What the hub does for operators to users and rooms, and for moderation.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "modes/serve/moderation/admin_command_text.h"
#include "protocol/duration.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

// `cameBack`: a user that was here before, who has read the motd unless it is newer.
void Hub::welcome(User& user, bool cameBack) {
    const int64_t before = cameBack ? int64_t{user.sinceS} * 1000 : 0;
    user.sinceS = static_cast<uint32_t>(nowMs_ / 1000);
    (void)moderation_.refreshMuted(user);
    if (const std::string* motd = moderation_.motdSince(before)) notify(user.session, *motd);
}

void Hub::expel(User& user, ErrorCode code, const std::string& why) {
    const SessionId session = user.session;
    Refused refused{session, {code, why}, {}, {}, {}, user.nick};
    refused.fatal = true;
    depart(user);  // which ends a classic user
    emit(session, std::move(refused));
}

void Hub::expelFrom(const std::shared_ptr<const AddressBan>& ban) {
    for (EffectBatch& effects : effects_) effects.push_back(Expel{ban});
}

void Hub::notify(SessionId session, std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    if (session != 0) return emit(session, Notice{session, shared});
    for (EffectBatch& effects : effects_) effects.push_back(Notice{0, shared});
}

void Hub::emptyRoom(std::string name, const std::string& why) {
    Room* const room = findRoom(name);
    if (!room) return;
    // Classic users have no other room to be in.
    std::vector<User*> classic;
    for (User* user : room->members) {
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
    dropIfUnused(left->id);
}

// The hub tells everyone; the server closes its door, and ends.
Result<std::string> Hub::drain(const AdminCommand& order) {
    const std::string when = order.forMs > 0 ? "in " + durationText(order.forMs) : "soon";
    const std::string why = order.text.value_or("");
    notify(0, "this server stops " + when + (why.empty() ? "" : ": " + why));
    return "new users are refused; the server stops when everyone has left" +
           (order.forMs > 0 ? ", or in " + durationText(order.forMs) : std::string());
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

void Hub::timeBelieved(int64_t sinceMs, int64_t byMs) {
    moderation_.timeBelieved(sinceMs, byMs);
    directory_.shiftTimes(sinceMs, byMs);
}

}  // namespace netchat::serve

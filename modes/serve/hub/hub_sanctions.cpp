// What was ruled, as users meet it, and what the hub answers to questions about itself.

#include <algorithm>
#include <unordered_map>

#include "modes/serve/hub/hub.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

using Kind = Sanctions::Kind;

std::string timeOrNone(int64_t ms) {
    return ms > 0 ? isoTime(ms).str() : std::string();
}

int64_t number(uint64_t value) {
    return static_cast<int64_t>(value);
}

}  // namespace

// ---- users

// `cameBack`: a user that was here before, who has read the motd unless it is newer.
void Hub::welcome(User& user, bool cameBack) {
    const int64_t before = cameBack ? int64_t{user.sinceS} * 1000 : 0;
    user.sinceS = static_cast<uint32_t>(nowMs_ / 1000);
    user.muted = operators_.sanctions.muteOf(user, nowMs_) != nullptr;
    if (!operators_.sanctions.any(Kind::Motd)) return;
    const auto* motd = operators_.sanctions.find(Kind::Motd, "motd", nowMs_);
    if (motd && motd->sinceMs >= before) notify(user.session, motd->text);
}

bool Hub::isMuted(User& user) {
    user.muted = operators_.sanctions.muteOf(user, nowMs_) != nullptr;
    return user.muted;
}

Error Hub::mutedError(const User& user) const {
    const auto* sanction = operators_.sanctions.muteOf(user, nowMs_);
    return {ErrorCode::Muted, sanction ? sanctionText("muted you", *sanction) : "you were muted"};
}

std::optional<Error> Hub::closedError(std::string_view room) const {
    if (!operators_.sanctions.any(Kind::Closed)) return {};
    const auto* sanction = operators_.sanctions.find(Kind::Closed, std::string(room), nowMs_);
    if (!sanction) return {};
    return Error{ErrorCode::BadRoom, sanctionText("closed the room", *sanction)};
}

// `user`: who it is, where that is known.
std::optional<Error> Hub::bannedError(std::string_view nick, const User* user,
                                      AddressKey host) const {
    const Sanctions& sanctions = operators_.sanctions;
    if (!sanctions.any(Kind::Ban)) return {};
    const auto banned = [](const std::string& what, const store::Sanction& sanction) {
        return Error{ErrorCode::Banned, sanctionText("banned " + what, sanction)};
    };
    if (const auto* sanction = sanctions.banOfNick(nick, nowMs_)) {
        return banned("the nick '" + std::string(nick) + "'", *sanction);
    }
    const auto* ofUser = user ? sanctions.banOfUser(*user, nowMs_) : nullptr;
    if (ofUser) return banned("you", *ofUser);
    if (const auto* sanction = sanctions.banOfHost(host, nowMs_))
        return banned("your address", *sanction);
    return {};
}

void Hub::timeBelieved(int64_t sinceMs, int64_t byMs) {
    // What cannot be kept so holds here all the same, and is over sooner after a restart.
    (void)operators_.sanctions.shift(sinceMs, byMs);
    directory_.shiftTimes(sinceMs, byMs);
    if (operators_.ports.publishBans) {
        operators_.ports.publishBans(addressBans(operators_.sanctions, nowMs_));
    }
}

// ---- answers

Answer Hub::answerNow(const AdminCommand& order, const ConnectionSnapshots& snapshots) {
    Answer answer;
    if (order.act == AdminAction::Who) {
        answer.rows = whoRows(snapshots);
    } else if (order.act == AdminAction::Rooms) {
        answer.rows = roomRows();
    } else if (order.act == AdminAction::Bans) {
        answer.rows = banRows();
    } else {
        const std::string& logState = operators_.logState;
        answer.rows.push_back({{"connections", number(snapshots.connections)},
                               {"users", number(directory_.present().size())},
                               {"rooms", number(allRooms().size())},
                               {"messages", number(operators_.messages)},
                               {"bytes", number(operators_.bytes)},
                               {"durability", std::string(log_.durability())},
                               {"log", logState.empty() ? "good" : logState}});
    }
    return answer;
}

std::vector<Row> Hub::whoRows(const ConnectionSnapshots& snapshots) const {
    std::unordered_map<SessionId, const ConnectionSnapshot*> seen;
    seen.reserve(snapshots.each.size());
    for (const ConnectionSnapshot& snapshot : snapshots.each) seen[snapshot.session] = &snapshot;
    std::vector<Row> rows;
    rows.reserve(directory_.present().size());
    for (const User* user : directory_.present()) {
        const auto it = seen.find(user->session);
        std::vector<std::string> rooms;
        for (const RoomId id : user->rooms) rooms.push_back(rooms_.at(id)->name);
        const int64_t sinceMs = int64_t{user->sinceS} * 1000;
        const int64_t lastMs = user->spoken ? std::max(user->spoken->lastMs, sinceMs) : sinceMs;
        // One by one: a list of them would be copied, and there may be many users.
        Row& row = rows.emplace_back();
        row.reserve(13);
        row.emplace_back("nick", user->nick);
        row.emplace_back("user", number(user->number));
        row.emplace_back("address", it == seen.end() ? std::string() : it->second->peer);
        row.emplace_back("dialect", std::string(user->dialect == Dialect::V2 ? "v2" : "classic"));
        row.emplace_back("tls", it != seen.end() && it->second->secure);
        row.emplace_back("rooms", std::move(rooms));
        row.emplace_back("since", timeOrNone(sinceMs));
        row.emplace_back("idle_s", std::max<int64_t>(0, nowMs_ - lastMs) / 1000);
        row.emplace_back("messages", number(user->spoken ? user->spoken->messages : 0));
        row.emplace_back("bytes", number(user->spoken ? user->spoken->bytes : 0));
        row.emplace_back("operator", operators_.sanctions.isOperator(*user));
        row.emplace_back("muted", operators_.sanctions.muteOf(*user, nowMs_) != nullptr);
        row.emplace_back("cloak", operators_.sanctions.cloakOf(user->host));
    }
    return rows;
}

std::vector<Row> Hub::roomRows() const {
    auto rooms = allRooms();
    std::sort(rooms.begin(), rooms.end(),
              [](const RoomInfo& a, const RoomInfo& b) { return a.name < b.name; });
    std::vector<Row> rows;
    for (const RoomInfo& room : rooms) {
        rows.push_back({{"room", room.name},
                        {"members", number(room.members)},
                        {"seq", number(room.seq)},
                        {"bytes", number(log_.keptBytes(room.name))},
                        {"closed", closedError(room.name).has_value()}});
    }
    return rows;
}

// Everything that was ruled, but for the motd.
std::vector<Row> Hub::banRows() const {
    constexpr std::pair<Kind, const char*> kKinds[] = {{Kind::Ban, "ban"},
                                                       {Kind::Mute, "mute"},
                                                       {Kind::Closed, "closed-room"},
                                                       {Kind::Operator, "operator"}};
    std::vector<Row> rows;
    for (const auto& [kind, name] : kKinds) {
        for (const auto* sanction : operators_.sanctions.all(kind, nowMs_)) {
            const bool isUser = kind == Kind::Operator;
            std::string target = isUser ? sanction->text : sanction->target;
            if (target.starts_with("nick:")) target.erase(0, 5);
            rows.push_back({{"kind", std::string(name)},
                            {"target", target},
                            {"user", number(sanction->user)},
                            {"since", timeOrNone(sanction->sinceMs)},
                            {"until", timeOrNone(sanction->untilMs)},
                            {"by", sanction->by},
                            {"reason", isUser ? std::string() : sanction->text}});
        }
    }
    return rows;
}

}  // namespace netchat::serve

// What the hub answers to questions of operators: who, rooms, bans, stats.

#include <algorithm>
#include <unordered_map>

#include "modes/serve/hub/hub.h"
#include "protocol/time_text.h"

namespace netchat::serve {

namespace {

std::string timeOrNone(int64_t ms) {
    return ms > 0 ? isoTime(ms).str() : std::string();
}

int64_t number(uint64_t value) {
    return static_cast<int64_t>(value);
}

}  // namespace

Answer Hub::answerNow(const AdminCommand& order, const ConnectionSnapshots& snapshots) {
    Answer answer;
    if (order.act == AdminAction::Who) {
        answer.rows = whoRows(snapshots);
    } else if (order.act == AdminAction::Rooms) {
        answer.rows = roomRows();
    } else if (order.act == AdminAction::Bans) {
        answer.rows = moderation_.rows();
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
        row.emplace_back("operator", moderation_.isOperator(*user));
        row.emplace_back("muted", moderation_.isMuted(*user));
        row.emplace_back("cloak", moderation_.cloakOf(user->host));
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
                        {"closed", moderation_.closedError(room.name).has_value()}});
    }
    return rows;
}

}  // namespace netchat::serve

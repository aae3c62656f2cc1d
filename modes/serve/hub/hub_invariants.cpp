// What always holds in a hub after commit(): rooms know their members and members their rooms, and
// whatever is counted or indexed agrees with what it counts.

#include <algorithm>
#include <map>

#include "modes/serve/hub/hub.h"

namespace netchat::serve {

namespace {

std::string in(const Room& room) {
    return " in " + room.name;
}

bool isIn(const User& user, const Room& room) {
    return std::count(user.rooms.begin(), user.rooms.end(), room.id) == 1;
}

std::string membersFault(const Room& room, const Directory& directory, size_t shards) {
    std::vector<uint32_t> perShard(shards);
    std::array<uint32_t, kDialects> perDialect{};
    UserId before = 0;
    for (const User* member : room.members) {
        if (member->number <= before) return "members are not in their order" + in(room);
        before = member->number;
        if (directory.bySession(member->session) != member) return "a member is absent" + in(room);
        if (shardOf(member->session) >= shards) return "a member is on no loop" + in(room);
        if (!isIn(*member, room))
            return "'" + member->nick + "' does not know that it is" + in(room);
        ++perShard[shardOf(member->session)];
        ++perDialect[indexOf(member->dialect)];
    }
    if (room.perShard != perShard) return "the members of a loop are miscounted" + in(room);
    if (room.perDialect != perDialect) return "the members of a dialect are miscounted" + in(room);
    return {};
}

// Each member knows its room: as many rooms of users as members of rooms means no others.
template <class Rooms>
std::string usersFault(const Directory& directory, const Rooms& rooms) {
    size_t members = 0, joined = 0;
    for (const auto& [id, room] : rooms) members += room->members.size();
    for (const User* user : directory.present()) joined += user->rooms.size();
    return members == joined ? "" : "a user is in a room that does not know it";
}

template <class Rooms>
std::string makersFault(const Rooms& rooms, const HeldByAddress& made) {
    std::map<AddressKey, size_t> counts;
    for (const auto& [id, room] : rooms) {
        if (room->maker != kUncounted) ++counts[room->maker];
    }
    size_t most = 0;
    for (const auto& [address, count] : counts) {
        if (made.of(address) != count) return "the rooms that an address made are miscounted";
        most = std::max(most, count);
    }
    return made.most().second == most ? "" : "an address is said to have made a room";
}

// Sessions that were replaced and are not gone yet, and what waits for their end.
template <class Ending, class Replaced>
std::string replacedFault(const Ending& ending, const Replaced& replaced) {
    std::map<UserId, size_t> sessions;
    for (const auto& [session, user] : ending) ++sessions[user];
    if (sessions.size() != replaced.size()) return "offers wait for no session's end";
    for (const auto& [user, count] : sessions) {
        const auto it = replaced.find(user);
        if (it == replaced.end() || it->second.sessions != count)
            return "the ending sessions of a user are miscounted";
    }
    return {};
}

}  // namespace

std::string Hub::checkInvariants() const {
    if (auto fault = directory_.checkInvariants(); !fault.empty()) return fault;
    if (roomsByName_.size() != rooms_.size()) return "a room has no name, or two";
    for (const auto& [id, room] : rooms_) {
        if (room->id != id || id > lastRoom_) return room->name + " has another number";
        if (findRoom(room->name) != room.get()) return room->name + " is not found by its name";
        if (!roomNames_.has(room->name)) return "nothing is compared with " + room->name;
        if (!room->isInUse() && log_.range(room->name).last == 0)
            return room->name + " is kept without members and history";
        if (!room->publisher.empty()) return "something was not published" + in(*room);
        auto fault = membersFault(*room, directory_, effects_.size());
        if (!fault.empty()) return fault;
    }
    if (auto fault = usersFault(directory_, rooms_); !fault.empty()) return fault;
    if (auto fault = makersFault(rooms_, roomsMade_); !fault.empty()) return fault;
    if (auto fault = replacedFault(ending_, replaced_); !fault.empty()) return fault;
    if (!underWay_ && !(pending_.empty() && held_.empty())) return "a draft was not committed";
    if (!underWay_ && reads_.empty() && !waiting_.empty()) return "a command waits for nothing";
    if (pending_.empty() && !lookUps_.empty()) return "what is looked up is no draft";
    if (options_.logPort) {
        const size_t said = pending_.size() + (underWay_ ? underWay_->drafts.size() : 0);
        if (unanswered_.count() != said + waiting_.count())
            return "what the log has not answered is miscounted";
        if (unanswered_.count() == 0 && unanswered_.held() > 0)
            return "a session is held for nothing";
    }
    if (!released_.empty()) return "a session that has read goes on waiting";
    return touched_.empty() ? "" : "a room that was touched was not flushed";
}

}  // namespace netchat::serve

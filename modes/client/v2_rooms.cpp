// How V2Session joins and leaves rooms: one by one in each room, so that each has its answer.

#include <algorithm>
#include <utility>

#include "modes/client/v2_session.h"
#include "protocol/names.h"

namespace netchat::client {

namespace {

constexpr size_t kLeftMax = 64;

}  // namespace

void V2Session::advance() {
    const auto isFree = [this](std::string_view room) { return isSettled(room); };
    sendQuestions();
    while (auto next = pending_.takeNext(isFree)) {
        const bool join = next->kind == PendingRequests::RoomRequest::Kind::Join;
        join ? beginJoin(next->room, next->since) : beginLeave(next->room);
        sendQuestions();
    }
    sendDue();
}

// Whether a join or leave of it may be asked for now: none is under way.
bool V2Session::isSettled(std::string_view name) const {
    const Room* const room = findRoom(name);
    if (room == nullptr || room->state == Room::State::Joined) return true;
    // One that the next connection takes up again.
    return room->state == Room::State::Joining && !room->asked && state_ != State::Open;
}

void V2Session::join(std::string_view name, std::optional<uint64_t> since) {
    if (auto status = checkRoom(name); !status) return refuse(status.error(), "join", {}, name);
    if (isSettled(name) && !pending_.holdsUp(name)) return beginJoin(name, since);
    pending_.defer({PendingRequests::RoomRequest::Kind::Join, std::string(name), since});
}

void V2Session::beginJoin(std::string_view name, std::optional<uint64_t> since) {
    Room* room = findRoom(name);
    if (room != nullptr && room->state == Room::State::Joined) {
        refuse({ErrorCode::BadState, "you are in this room already"}, "join", {}, name);
        return sink_.onRoomReady(name);  // what is dropped there has waited for this
    }
    if (room == nullptr) room = &rooms_.emplace_back(Room{.name = std::string(name)});
    beginAt(*room, since);
    room->asked = true;
    room->rejoined = state_ == State::Open && owes(name);
    if (state_ == State::Open) sendJoin(*room);
}

// Where it is to begin, and under which identities of the log what was before that was read.
void V2Session::beginAt(Room& room, std::optional<uint64_t> since) {
    const auto placeIn = [&](const std::vector<Resume::Room>& rooms) -> const Resume::Room* {
        const auto found = std::find_if(rooms.begin(), rooms.end(), [&](const Resume::Room& known) {
            return known.name == room.name;
        });
        return found == rooms.end() ? nullptr : &*found;
    };
    const Resume::Room* const remembered = placeIn(remembered_);
    const Resume::Room* const left = placeIn(left_);
    if (!room.last && remembered && !left) {
        room.last = remembered->last;
        room.read = remembered->read;
    }
    if (!since && !remembered) return;
    // What it was told of the room says which log the number is of; a larger one is the user's own.
    if (!room.last && left) {
        room.last = left->last;
        room.read = left->read;
    }
    if (!since) return;
    if (!room.last || *since > *room.last) room.read.clear();
    room.chosen = !room.last || *since > *room.last;
    cutAt(room.read, *since);
    room.last = since;
}

void V2Session::sendJoin(Room& room) {
    if (!room.read.empty()) room.read.back().seq = room.last.value_or(0);
    const std::string log = room.last ? logPlacesText(room.read) : std::string();
    v2::encode(out_.tail(), v2::Join{.room = room.name, .since = room.last, .log = log});
}

// Who joins it again, and names an entry, has read it up to there.
void V2Session::rememberLeft(const Room& room) {
    if (!room.last || room.read.empty()) return;
    std::erase_if(left_, [&](const Resume::Room& known) { return known.name == room.name; });
    if (left_.size() >= kLeftMax) left_.erase(left_.begin());
    left_.push_back({room.name, *room.last, room.read});
    left_.back().read.back().seq = *room.last;
}

void V2Session::leave(std::string_view name) {
    if (auto status = checkRoom(name); !status) return refuse(status.error(), "leave", {}, name);
    const Room* const room = findRoom(name);
    const bool returning =
        room != nullptr && room->state == Room::State::Joining && !room->asked && owes(name);
    const bool now = isSettled(name) || returning;
    if (now && !pending_.holdsUp(name)) return beginLeave(name);
    pending_.defer({PendingRequests::RoomRequest::Kind::Leave, std::string(name)});
}

void V2Session::beginLeave(std::string_view name) {
    Room* const room = findRoom(name);
    if (room == nullptr) {
        return refuse({ErrorCode::NotInRoom, "you are not in this room"}, "leave", {}, name);
    }
    const bool answered = room->state != Room::State::Joining && !sink_.uploading(name);
    if (state_ == State::Open && !answered && owes(name)) {
        room->state = Room::State::Returning;
        sendDue();
        sink_.onRoomReady(name);
        return leaveReturned();
    }
    room->state = Room::State::Leaving;
    if (state_ == State::Open) v2::encode(out_.tail(), v2::Leave{.room = name});
}

// Whether something that was said or dropped there has no answer.
bool V2Session::owes(std::string_view room) const {
    const auto& all = unacked_.all();
    return sink_.uploading(room) || std::any_of(all.begin(), all.end(), [&](const Said& said) {
               return said.kind == Said::Kind::Say && said.where == room;
           });
}

// What was said is answered before the `leave` behind it; a file is so only when it is stored.
void V2Session::leaveReturned() {
    if (state_ != State::Open) return;
    for (Room& room : rooms_) {
        if (room.state != Room::State::Returning || sink_.uploading(room.name)) continue;
        room.state = Room::State::Leaving;
        v2::encode(out_.tail(), v2::Leave{.room = room.name});
    }
}

}  // namespace netchat::client

// The part of the reducer that is about rooms and who is in them.

#include <algorithm>
#include <utility>
#include <vector>

#include "modes/connect/formatter.h"
#include "modes/connect/ignoring.h"
#include "modes/connect/screen/event_reducer.h"

namespace netchat::connect {

namespace {

namespace event = client::event;

Person personOf(const v2::Member& member) {
    return {.nick = std::string(member.nick),
            .shown = SafeText(member.nick),
            .user = member.user,
            .classic = member.dialect == "classic"};
}

// List: Joined or Roster.
template <class List>
void listPeople(RoomView& room, const List& list) {
    std::vector<Person> people;
    for (const v2::Member& member : list.roster) people.push_back(personOf(member));
    room.enter(std::move(people));
    room.members = std::max<uint64_t>(list.members, room.people.size());
}

}  // namespace

void EventReducer::joined(const event::Joined& joined, const Moment& now) {
    RoomView* known = roomOf(joined.room);
    const bool entering = known == nullptr || known->state != RoomView::State::Joined;
    RoomView& room = known ? *known : state_.rooms.open(RoomView::Kind::Public, joined.room);
    room.state = RoomView::State::Joined;
    entered_ = true;
    room.people.clear();
    listPeople(room, joined);
    if (std::exchange(room.beginsAnew, false) || joined.seq < room.lines.newest()) {
        room.asked.reset();
        room.newFromSeq = 0;
        room.lines.beginAnew(joined.seq);
        own(Line::Kind::Trouble, "the room started again: earlier messages are no longer available",
            now, &room);
    } else if (entering) {
        room.lines.begin(joined.seq);
    }
    if (room.newFromSeq > joined.seq + 1) room.newFromSeq = 0;  // of an earlier log
    if (!entering) return;
    room.catchingUp = state_.options.since;
    state_.effects.save = true;
    sentence(joined, now, &room, Line::Kind::Presence);
}

// What is here beyond what both logs have is of neither any more; what the log has follows.
void EventReducer::logChanged(const event::LogChanged& changed, const Moment& now) {
    RoomView* room = roomOf(changed.room);
    if (room == nullptr) return;
    room->asked.reset();
    room->lines.cutAfter(changed.common);
    if (room->newFromSeq != 0) room->newFromSeq = std::min(room->newFromSeq, changed.common + 1);
    own(Line::Kind::Trouble, changed.text, now, room);
}

void EventReducer::left(const event::Left& left, const Moment& now) {
    RoomView* room = roomOf(left.room);
    if (room == nullptr) return;
    const bool wanted = room->state == RoomView::State::Leaving;
    turnedOut(*room);
    state_.effects.save = true;
    // Who asked for it has seen enough; who was sent out may want to read why.
    if (wanted && state_.rooms.size() > 1) return state_.rooms.close(*room);
    sentence(left, now, room, Line::Kind::Presence);
}

// This user is in it no longer. What was said there is answered: it is in the log, or was refused.
void EventReducer::turnedOut(RoomView& room) {
    room.state = RoomView::State::Left;
    room.people.clear();
    room.members = 0;
    room.asked.reset();
    room.whoAsked.clear();
    std::vector<uint64_t> tags;
    for (const auto& [tag, pending] : pending_) {
        if (pending.kind == room.kind && pending.room == room.name) tags.push_back(tag);
    }
    for (const uint64_t tag : tags) settle(tag, &Scrollback::keepPending);
}

void EventReducer::presence(const event::Presence& presence, const Moment& now) {
    RoomView* room = roomOf(presence.room);
    if (room == nullptr) return;
    const bool told = !presence.own && isTold(*room, presence);
    if (presence.state == "renamed") {
        renamed(*room, presence);
    } else if (presence.state == "joined") {
        room->enter({.nick = std::string(presence.nick),
                     .shown = SafeText(presence.nick),
                     .user = presence.user,
                     .classic = false});
    } else {
        room->leave(presence.nick);
    }
    if (told) sentence(presence, now, room, Line::Kind::Presence);
}

bool EventReducer::isTold(const RoomView& room, const event::Presence& presence) const {
    switch (state_.settings.joins()) {
        case Settings::Joins::All:
            return true;
        case Settings::Joins::Talkers:
            return room.isTalker(presence.nick) || room.isTalker(presence.was);
        case Settings::Joins::None:
            return false;
    }
    return true;
}

void EventReducer::renamed(RoomView& room, const event::Presence& presence) {
    Person person{std::string(presence.nick), SafeText(presence.nick), presence.user, false, 0};
    if (const Person* known = room.find(presence.was)) {
        person.classic = known->classic;
        person.spoke = known->spoke;
        room.leave(presence.was);
    }
    room.enter(std::move(person));
    if (room.isTalker(presence.was)) room.talked(presence.nick);
    // Another name is no way round being ignored.
    const bool follows =
        state_.ignored.count(presence.was) > 0 && state_.ignored.size() < kIgnoredMax;
    if (follows && state_.ignored.emplace(presence.nick).second) {
        state_.orders.push_back(
            {.kind = ClientCommand::Kind::Ignore, .where = std::string(presence.nick)});
    }
    RoomView* talk = state_.rooms.find(RoomView::Kind::Private, presence.was);
    if (talk == nullptr || state_.rooms.find(RoomView::Kind::Private, presence.nick) != nullptr)
        return;
    talk->name = presence.nick;
    talk->shown = SafeText(RoomView::shownName(RoomView::Kind::Private, presence.nick));
    for (auto& [tag, pending] : pending_) {
        const bool there = pending.kind == RoomView::Kind::Private && pending.room == presence.was;
        if (there) pending.room = presence.nick;
    }
}

void EventReducer::roster(const event::Roster& roster, const Moment& now) {
    RoomView* room = roomOf(roster.room);
    if (room == nullptr) return sentence(roster, now, state_.rooms.current());
    if (!std::exchange(room->listing, roster.more)) room->people.clear();
    listPeople(*room, roster);
    // A server sends one unasked to whoever missed something.
    const bool wanted = !room->whoAsked.empty() && room->whoAsked.front();
    if (wanted) sentence(roster, now, state_.rooms.current());
    if (!roster.more && !room->whoAsked.empty()) room->whoAsked.pop_front();
}

void EventReducer::roomList(const event::RoomList& list, const Moment& now) {
    state_.listedRooms.clear();
    for (const auto& line : list.rooms) state_.listedRooms.emplace_back(line.room);
    sentence(list, now, state_.rooms.current());
}

void EventReducer::missed(const Missed& missed) {
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, missed.room);
    if (room == nullptr || room->state != RoomView::State::Joined) return;
    room->lines.reach(missed.last);
    room->whoAsked.push_back(false);
    state_.orders.push_back({.kind = ClientCommand::Kind::Who, .where = room->name});
}

}  // namespace netchat::connect

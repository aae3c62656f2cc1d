// The part of the reducer that is about rooms and who is in them.

#include <algorithm>
#include <utility>
#include <vector>

#include "modes/connect/formatter.h"
#include "modes/connect/screen/event_reducer.h"

namespace netchat::connect {

namespace {

using client::Event;

Person personOf(const v2::Member& member) {
    return {.nick = std::string(member.nick),
            .shown = SafeText(member.nick),
            .user = member.user,
            .classic = member.dialect == "classic"};
}

void listPeople(RoomView& room, const Event& event) {
    std::vector<Person> people;
    for (const v2::Member& member : event.roster) people.push_back(personOf(member));
    room.enter(std::move(people));
    room.members = std::max<uint64_t>(event.members, room.people.size());
}

}  // namespace

void EventReducer::joined(const Event& event, const Moment& now) {
    RoomView* known = roomOf(event);
    const bool entering = known == nullptr || known->state != RoomView::State::Joined;
    RoomView& room = known ? *known : state_.rooms.open(RoomView::Kind::Public, event.room);
    room.state = RoomView::State::Joined;
    entered_ = true;
    room.people.clear();
    listPeople(room, event);
    if (std::exchange(room.beginsAnew, false) || event.seq < room.lines.newest()) {
        room.asked.reset();
        room.newFromSeq = 0;
        room.lines.beginAnew(event.seq);
        own(Line::Kind::Trouble, "the room started again: earlier messages are no longer available",
            now, &room);
    } else if (entering) {
        room.lines.begin(event.seq);
    }
    if (room.newFromSeq > event.seq + 1) room.newFromSeq = 0;  // of an earlier log
    if (!entering) return;
    room.catchingUp = state_.options.since;
    state_.effects.save = true;
    sentence(event, now, &room, Line::Kind::Presence);
}

// What is here beyond what both logs have is of neither any more; what the log has follows.
void EventReducer::logChanged(const Event& event, const Moment& now) {
    RoomView* room = roomOf(event);
    if (room == nullptr) return;
    room->asked.reset();
    room->lines.cutAfter(event.seq);
    if (room->newFromSeq != 0) room->newFromSeq = std::min(room->newFromSeq, event.seq + 1);
    own(Line::Kind::Trouble, event.text, now, room);
}

void EventReducer::left(const Event& event, const Moment& now) {
    RoomView* room = roomOf(event);
    if (room == nullptr) return;
    const bool wanted = room->state == RoomView::State::Leaving;
    turnedOut(*room);
    state_.effects.save = true;
    // Who asked for it has seen enough; who was sent out may want to read why.
    if (wanted && state_.rooms.size() > 1) return state_.rooms.close(*room);
    sentence(event, now, room, Line::Kind::Presence);
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

void EventReducer::presence(const Event& event, const Moment& now) {
    RoomView* room = roomOf(event);
    if (room == nullptr) return;
    const bool told = !event.own && isTold(*room, event);
    if (event.state == "renamed") {
        renamed(*room, event);
    } else if (event.state == "joined") {
        room->enter({.nick = std::string(event.nick),
                     .shown = SafeText(event.nick),
                     .user = event.user,
                     .classic = false});
    } else {
        room->leave(event.nick);
    }
    if (told) sentence(event, now, room, Line::Kind::Presence);
}

bool EventReducer::isTold(const RoomView& room, const Event& event) const {
    switch (state_.settings.joins()) {
        case Settings::Joins::All:
            return true;
        case Settings::Joins::Talkers:
            return room.isTalker(event.nick) || room.isTalker(event.was);
        case Settings::Joins::None:
            return false;
    }
    return true;
}

void EventReducer::renamed(RoomView& room, const Event& event) {
    Person person{std::string(event.nick), SafeText(event.nick), event.user, false, 0};
    if (const Person* known = room.find(event.was)) {
        person.classic = known->classic;
        person.spoke = known->spoke;
        room.leave(event.was);
    }
    room.enter(std::move(person));
    if (room.isTalker(event.was)) room.talked(event.nick);
    // Another name is no way round being ignored.
    if (state_.ignored.count(event.was) > 0 && state_.ignored.emplace(event.nick).second) {
        state_.orders.push_back(
            {.kind = ClientCommand::Kind::Ignore, .where = std::string(event.nick)});
    }
    RoomView* talk = state_.rooms.find(RoomView::Kind::Private, event.was);
    if (talk == nullptr || state_.rooms.find(RoomView::Kind::Private, event.nick) != nullptr)
        return;
    talk->name = event.nick;
    talk->shown = SafeText(RoomView::shownName(RoomView::Kind::Private, event.nick));
    for (auto& [tag, pending] : pending_) {
        const bool there = pending.kind == RoomView::Kind::Private && pending.room == event.was;
        if (there) pending.room = event.nick;
    }
}

void EventReducer::roster(const Event& event, const Moment& now) {
    RoomView* room = roomOf(event);
    if (room == nullptr) return sentence(event, now, state_.rooms.current());
    if (!std::exchange(room->listing, event.more)) room->people.clear();
    listPeople(*room, event);
    // A server sends one unasked to whoever missed something.
    const bool wanted = !room->whoAsked.empty() && room->whoAsked.front();
    if (wanted) sentence(event, now, state_.rooms.current());
    if (!event.more && !room->whoAsked.empty()) room->whoAsked.pop_front();
}

void EventReducer::missed(const Missed& missed) {
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, missed.room);
    if (room == nullptr || room->state != RoomView::State::Joined) return;
    room->lines.reach(missed.last);
    room->whoAsked.push_back(false);
    state_.orders.push_back({.kind = ClientCommand::Kind::Who, .where = room->name});
}

}  // namespace netchat::connect

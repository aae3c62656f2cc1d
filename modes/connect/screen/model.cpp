#include "modes/connect/screen/model.h"

#include <algorithm>
#include <utility>

#include "modes/connect/screen/going.h"
#include "modes/connect/screen/layout.h"

namespace netchat::connect {

namespace {

// Of what was found so many entries are fetched before and after it.
constexpr unsigned kContext = 100;

}  // namespace

Model::Model(ScreenState::Options options, std::string_view room, const Folders& folders,
             Settings settings, const Remembered& remembered)
    : state_(std::move(options), std::move(settings)), inputHandler_(state_, reducer_, folders) {
    const auto isFirst = [&](const Remembered::Place& place) {
        return place.kind == RoomView::Kind::Public && place.name == room;
    };
    const auto& places = remembered.places;
    if (std::none_of(places.begin(), places.end(), isFirst)) {
        state_.rooms.open(RoomView::Kind::Public, room);
    }
    for (const Remembered::Place& place : places) {
        const bool isPrivate = place.kind == RoomView::Kind::Private;
        if (isPrivate && place.lines.empty()) continue;  // nothing was ever said there
        restore(place);
        if (!isFirst(place) && place.kind == RoomView::Kind::Public) enter(place.name);
    }
    for (const std::string& other : state_.settings.rooms()) {
        if (state_.rooms.find(RoomView::Kind::Public, other) == nullptr) enter(other);
    }
    for (const std::string& nick : remembered.ignored) {
        state_.ignored.insert(nick);
        state_.orders.push_back({.kind = ClientCommand::Kind::Ignore, .where = nick});
    }
    state_.rooms.show(*state_.rooms.find(RoomView::Kind::Public, room));
    if (state_.options.anyRoom) showTalkOf(remembered);
    for (const Remembered::Place& place : places) restoreUnseen(place);
    state_.files.restore(state_.options.files);
}

void Model::enter(const std::string& room) {
    state_.rooms.open(RoomView::Kind::Public, room);
    state_.orders.push_back({.kind = ClientCommand::Kind::Join, .where = room});
}

void Model::restore(const Remembered::Place& place) {
    RoomView& room = state_.rooms.open(place.kind, place.name);
    for (const Remembered::Said& said : place.lines) {
        Line line;
        line.kind = Line::Kind::Message;
        line.time = said.time;
        line.own = said.own;
        line.from = SafeText(said.from);
        line.text = SafeText(said.text, SafeText::Newlines::Keep);
        room.lines.append(std::move(line));
    }
    for (const Remembered::Typed& typed : place.typed) {
        room.editor.remember(typed.text, typed.pasted);
    }
}

// Where an earlier run ended in a talk, this one begins there: to show a room instead would count
// all in it as seen.
void Model::showTalkOf(const Remembered& remembered) {
    for (const Remembered::Place& place : remembered.places) {
        const RoomView* room = state_.rooms.find(place.kind, place.name);
        const bool talk = place.current && place.kind == RoomView::Kind::Private && room != nullptr;
        if (talk) return state_.rooms.show(*room);
    }
}

// What nobody looked at in an earlier run is new in this one.
void Model::restoreUnseen(const Remembered::Place& place) {
    RoomView* room = state_.rooms.find(place.kind, place.name);
    if (room == nullptr || place.newFrom == 0) return;
    if (room->kind == RoomView::Kind::Public) {
        room->newFromSeq = place.newFrom;
    } else {
        const size_t all = room->lines.size();
        if (all == 0) return;
        room->newFrom = room->lines.at(all - std::min<size_t>(all, place.newFrom)).id;
    }
    if (room == state_.rooms.current()) return;
    room->unread = place.unread;
    room->mentions = place.mentions;
}

void Model::resize(int width, int height) {
    state_.width = std::max(width, 0);
    state_.height = std::max(height, 0);
}

void Model::show(const UiEffects::Preview& what, Picture picture, const Moment& now) {
    RoomView* room = state_.rooms.find(
        what.isPrivate ? RoomView::Kind::Private : RoomView::Kind::Public, what.room);
    if (room == nullptr) return;
    Line line;
    line.kind = Line::Kind::Picture;
    line.time = now.wallMs;
    line.text = SafeText(what.name);
    line.picture = std::make_shared<const Picture>(std::move(picture));
    room->lines.append(std::move(line));
}

void Model::tidy() {
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        RoomView& room = state_.rooms.at(i);
        std::optional<size_t> lookedAt;
        if (room.anchor) lookedAt = room.lines.find(room.anchor->line, room.anchor->seq);
        room.lines.trim(lookedAt);
    }
}

bool Model::beforeFrame(const Moment& now) {
    state_.now = now;
    if (RoomView* current = state_.rooms.current()) {
        reachGoal(*current, now);
        fetchMissing(*current, now);
    }
    const RoomView* room = state_.rooms.current();
    const bool asksLater = room != nullptr && room->askAfterMs > now.monoMs;
    return state_.connection == ScreenState::Connection::Away || !state_.transfers.empty() ||
           asksLater;
}

bool Model::mayFetch(const RoomView& room, const Moment& now) const {
    return state_.connection == ScreenState::Connection::Connected &&
           room.kind == RoomView::Kind::Public && room.state == RoomView::State::Joined &&
           !room.asked && now.monoMs >= room.askAfterMs && !state_.options.classic;
}

void Model::fetch(RoomView& room, uint64_t before, unsigned count) {
    room.asked = RoomView::Asked{before, count};
    state_.orders.push_back({.kind = ClientCommand::Kind::History,
                             .where = room.name,
                             .number = before,
                             .count = count});
}

// What somebody wants to look at is looked at once it is here.
void Model::reachGoal(RoomView& room, const Moment& now) {
    const Area messages = areasOf(state_).messages;
    room.findNew();
    holdTop(room, messages, now.wallMs);
    holdMarked(room, messages, now.wallMs);
    if (room.goesToNew) return reachNew(room, now);
    if (room.seeksMention) return seekMention(room, now);
    if (room.goesTo == 0) return;
    const size_t at = room.lines.findSeq(room.goesTo);
    if (at == room.lines.size()) {
        room.goesTo = 0;
        return reducer_.trouble("the message that was found is no longer available", now);
    }
    const Line& line = room.lines.at(at);
    if (line.kind == Line::Kind::Hole) {
        return fetchAround(room, line, room.goesTo, now);
    }
    const bool finds = state_.finding.isIn(room);
    if (finds) state_.finding.line = line.id;
    goToLine(room, messages, at, finds ? soughtIn(state_, line) : 0, now.wallMs);
}

void Model::fetchAround(RoomView& room, const Line& hole, uint64_t seq, const Moment& now) {
    if (mayFetch(room, now)) fetch(room, std::min(hole.last + 1, seq + kContext), 2 * kContext);
}

void Model::reachNew(RoomView& room, const Moment& now) {
    if (room.newFromSeq != 0) {
        const size_t at = room.lines.findSeq(room.newFromSeq);
        if (at == room.lines.size()) return;  // the room has not been entered yet
        return fetchAround(room, room.lines.at(at), room.newFromSeq, now);
    }
    room.goesToNew = false;
    room.hint.clear();
    const size_t line = room.newFrom == 0 ? room.lines.size() : room.lines.find(room.newFrom, 0);
    if (line < room.lines.size()) {
        showAtTop(room, areasOf(state_).messages, line, now.wallMs);
    } else {
        room.hint = "nothing new here";
    }
}

// From page to page of what was said before, up to so many entries.
void Model::seekMention(RoomView& room, const Moment& now) {
    RoomView::MentionSearch& search = *room.seeksMention;
    const size_t at = mentionBefore(room, room.lines.firstFrom(search.below));
    const bool none = at == room.lines.size();
    if (!none && room.lines.at(at).kind == Line::Kind::Hole) {
        const bool connected = state_.connection == ScreenState::Connection::Connected;
        if (search.entries > 0 && connected && room.state == RoomView::State::Joined) {
            if (!mayFetch(room, now)) return;
            search.below = room.lines.at(at).last + 1;
            search.entries -= std::min<uint64_t>(search.entries, 2 * kContext);
            return fetch(room, search.below, 2 * kContext);
        }
        room.hint = connected ? "no mention of you here yet; M-p looks further back"
                              : "older messages can be loaded after reconnecting";
        return room.seeksMention.reset();
    }
    room.hint = none ? "no earlier mention of you here" : "";
    if (none) return room.seeksMention.reset();
    goToLine(room, areasOf(state_).messages, at, mentionIn(state_, room.lines.at(at)), now.wallMs);
}

void Model::fetchMissing(RoomView& room, const Moment& now) {
    if (!mayFetch(room, now)) return;
    if (state_.options.historyEntries == 0 && !room.wantsHistory) return;
    const auto missing = missingAround(room, areasOf(state_).messages, now.wallMs);
    if (!missing) return;
    // The first page is as long as somebody wants it; who reads on gets longer ones.
    fetch(room, missing->before,
          room.wantsHistory ? missing->count
                            : std::min(missing->count, state_.options.historyEntries));
}

std::string Model::title() const {
    unsigned unread = 0, mentions = 0;
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        unread += state_.rooms.at(i).unread;
        mentions += state_.rooms.at(i).mentions;
    }
    const RoomView* room = state_.rooms.current();
    const std::string name = room ? room->shown.str() + " - " : "";
    const std::string some = mentions == 0 ? "" : "!" + std::to_string(mentions);
    return (unread == 0 ? "" : "(" + std::to_string(unread) + some + ") ") + name + "netchat";
}

std::vector<ClientCommand> Model::takeOrders() {
    return std::exchange(state_.orders, {});
}

UiEffects Model::takeEffects() {
    return std::exchange(state_.effects, {});
}

}  // namespace netchat::connect

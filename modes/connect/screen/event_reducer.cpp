#include "modes/connect/screen/event_reducer.h"

#include <algorithm>
#include <utility>

#include "modes/connect/formatter.h"
#include "modes/connect/wording.h"
#include "protocol/result.h"

namespace netchat::connect {

namespace {

using client::Event;
using client::Overloaded;
namespace event = client::event;

}  // namespace

void EventReducer::take(Delivery& delivery, const Moment& now) {
    std::visit(Overloaded{
                   [&](client::StoredEvent& event) { take(event.get(), now); },
                   [&](const Numbered& numbered) {
                       if (pending_.count(numbered.tag)) tagOf_[numbered.id] = numbered.tag;
                   },
                   [&](const Written& said) { written(said.tag); },
                   [&](const Remark& remark) {
                       if (remark.level == Level::Trouble) return trouble(remark.text, now);
                       note(remark.text, now);
                   },
                   [&](const TransfersNow& transfers) { transfersNow(transfers, now); },
                   [&](const Missed& what) { missed(what); },
                   [&](const Lost& lost) {
                       trouble("the terminal was blocked for so long that " +
                                   std::to_string(lost.count) +
                                   " private messages or answers were dropped",
                               now);
                   },
               },
               delivery);
}

void EventReducer::take(const Event& event, const Moment& now) {
    std::visit(Overloaded{
                   [&](const event::Connected& one) { connected(one, now); },
                   [&](const event::Reconnecting& one) { away(one, now); },
                   [&](const event::Disconnected& one) { ended(one, now); },
                   [&](const event::Joined& one) { joined(one, now); },
                   [&](const event::Left& one) { left(one, now); },
                   [&](const event::Presence& one) { presence(one, now); },
                   [&](const event::Named& one) { named(one, now); },
                   [&](const event::Roster& one) { roster(one, now); },
                   [&](const event::RoomList& one) { roomList(one, now); },
                   [&](const event::Message& one) { entry(one, now); },
                   [&](const event::File& one) { entry(one, now); },
                   [&](const event::Confirmed&) {},
                   [&](const event::Gap& one) { gap(one, now); },
                   [&](const event::LogChanged& one) { logChanged(one, now); },
                   [&](const event::HistoryPage& one) { pageBegin(one); },
                   [&](const event::HistoryEnd&) { pageEnd(now); },
                   [&](const event::SearchPage& one) { searchPage(one); },
                   [&](const event::SearchEnd&) { searchEnd(); },
                   [&](const event::Private& one) { privately(one, now); },
                   [&](const event::FileReceived& one) { received(one, now); },
                   [&](const event::FileFailed& one) { failed(one, now); },
                   [&](const event::Progress&) {},  // transfers are told as a whole
                   [&](const event::Uploaded& one) { uploaded(one, now); },
                   [&](const event::Pong& one) { state_.latencyMs = one.rttMs; },
                   [&](const event::Notice& one) {
                       own(Line::Kind::Notice, one.text, now, state_.rooms.current());
                   },
                   [&](const event::Refused& one) { refused(one, now); },
               },
               event);
}

// ---- lines of ours

void EventReducer::own(Line::Kind kind, std::string_view text, const Moment& now, RoomView* room) {
    Line line;
    line.kind = kind;
    line.time = now.wallMs;
    line.text = SafeText(text, SafeText::Newlines::Keep);
    if (room == nullptr) return;
    // Whoever looks at what was before would not see it at the end.
    const bool unseen = room == state_.rooms.current() && room->anchor;
    if (unseen && kind != Line::Kind::Presence) room->answer(line);
    room->lines.append(std::move(line));
    if (kind == Line::Kind::Trouble && room != state_.rooms.current()) room->hasTrouble = true;
}

// What somebody waits for is seen where they are; in the room that it is about it stands as well.
void EventReducer::answer(Line::Kind kind, std::string_view text, const Moment& now,
                          RoomView* room) {
    RoomView* here = state_.rooms.current();
    if (room == nullptr || room == here) return own(kind, text, now, here);
    const bool had = room->hasTrouble;
    own(kind, text, now, room);
    room->hasTrouble = had;
    own(kind, room->shown.str() + ": " + std::string(text), now, here);
}

// What the plain client prints, without its star.
void EventReducer::sentence(const Event& event, const Moment& now, RoomView* room,
                            Line::Kind kind) {
    std::string text = sentenceOf(event, formatContext(now));
    if (text.starts_with("* ")) text.erase(0, 2);
    if (!text.empty()) own(kind, text, now, room ? room : state_.rooms.current());
}

FormatContext EventReducer::formatContext(const Moment& now) const {
    const RoomView* room = state_.rooms.current();
    return {.room = room ? std::string_view(room->name) : std::string_view(),
            .user = state_.user,
            .nowMs = now.wallMs};
}

// The public room of this name; null: none of ours.
RoomView* EventReducer::roomOf(std::string_view name) {
    return name.empty() ? nullptr : state_.rooms.find(RoomView::Kind::Public, name);
}

// ---- the connection

void EventReducer::connected(const event::Connected& connected, const Moment& now) {
    using Connection = ScreenState::Connection;
    if (state_.connection != Connection::Leaving) state_.connection = Connection::Connected;
    state_.nick = connected.nick;
    state_.user = connected.user;
    state_.why = {};
    for (size_t i = 0; connected.anew && i < state_.rooms.size(); ++i) {
        state_.rooms.at(i).beginsAnew = true;
    }
    if (state_.connectedOnce) {
        note("connected again as " + std::string(connected.nick), now);
    } else if (connected.nick != state_.options.nick) {
        note("your nick here is " + std::string(connected.nick), now);
    }
    state_.connectedOnce = true;
    if (!connected.text.empty()) trouble(connected.text, now);
}

// How often it was tried in vain says nothing that its success will not.
void EventReducer::away(const event::Reconnecting& away, const Moment& now) {
    if (state_.connection != ScreenState::Connection::Leaving) {
        state_.connection = ScreenState::Connection::Away;
    }
    state_.latencyMs = -1;
    state_.retryAtMs = now.monoMs + away.retryMs;
    state_.why = SafeText(reasonText(away));
    dropPage();
    if (away.attempt != 1) return;
    trouble(awayText(away, state_.options.server, state_.connectedOnce), now);
}

void EventReducer::ended(const event::Disconnected& ended, const Moment& now) {
    using Connection = ScreenState::Connection;
    state_.latencyMs = -1;
    dropPage();
    const bool wanted = ended.code.empty();
    const std::string text =
        endText(ended, state_.options.server, state_.options.nick, state_.connectedOnce, pending());
    if (wanted || !state_.connectedOnce || state_.connection == Connection::Leaving) {
        state_.effects.quit = true;
        if (!wanted) state_.effects.last = text;
        state_.connection = wanted ? Connection::Left : Connection::Ended;
        return;
    }
    state_.connection = Connection::Ended;
    state_.why = SafeText(reasonText(ended));
    trouble(text + "; !reconnect tries again, !exit leaves", now);
}

// The rest of it does not come: it can be asked for again.
void EventReducer::dropPage() {
    RoomView* room = state_.rooms.find(RoomView::Kind::Public, std::exchange(pageRoom_, {}));
    if (room != nullptr) room->asked.reset();
    searchRoom_.clear();
    state_.finding.waiting = false;
    page_.clear();
}

void EventReducer::refused(const event::Refused& refused, const Moment& now) {
    if (refused.re == "ping") return;
    if (refused.re == "search") state_.finding.waiting = false;
    RoomView* room = roomOf(refused.room);
    const bool outside = refused.code == errorName(ErrorCode::NotInRoom);
    if (refused.re == "history" && room != nullptr && room->asked) {
        room->asked.reset();
        room->askAfterMs = now.monoMs + kAskAgainMs;
        if (outside) turnedOut(*room);
        return;  // who scrolls sees that it is missing
    }
    if (refused.re == "join" && room != nullptr) turnedOut(*room);
    if (refused.re == "get") {
        state_.files.changed(refused.sha256, refused.name, KnownFile::State::Failed);
        state_.fetched.erase(std::string(refused.sha256));
    }
    if (refused.re == "who" && room != nullptr && !room->whoAsked.empty()) {
        room->whoAsked.pop_front();
    }
    if (refused.re == "join" && !entered_ && !entersAny()) {
        state_.effects.quit = true;
        state_.effects.last = noEntryText(refused, refused.room);
        state_.connection = ScreenState::Connection::Ended;
        return;
    }
    if (refused.re == "join" && room != nullptr && neverUsed(*room)) {
        state_.rooms.closeAndGoBack(*room);
        return trouble(noEntryText(refused, refused.room), now);
    }
    const auto tag = tagOf_.find(refused.id);
    if (tag != tagOf_.end()) return notSaid(tag->second, refused, now);
    const bool cancelled = refused.code == client::kCancelled;
    answer(cancelled ? Line::Kind::Note : Line::Kind::Trouble, refusalText(refused), now, room);
}

// A room that was asked for in vain, and holds nothing that anybody would miss.
bool EventReducer::neverUsed(const RoomView& room) const {
    return state_.rooms.size() > 1 && room.lines.empty() && room.editor.text().empty();
}

// The line stays where it was said, and the reason is seen where somebody is. A talk in which
// nothing else was ever said goes: most often its name was mistyped.
void EventReducer::notSaid(uint64_t tag, const event::Refused& refused, const Moment& now) {
    const auto pending = pending_.find(tag);
    RoomView* room = pending == pending_.end()
                         ? roomOf(refused.room)
                         : state_.rooms.find(pending->second.kind, pending->second.room);
    settle(tag, &Scrollback::failPending);
    const std::string reason = refusalText(refused);
    const bool inVain = room != nullptr && room->kind == RoomView::Kind::Private &&
                        room != state_.rooms.current() && !room->wasUsed() &&
                        room->editor.text().empty();
    if (!inVain) return answer(Line::Kind::Trouble, "not sent: " + reason, now, room);
    const std::string text = "not sent to " + room->shown.str() + ": " + reason;
    state_.rooms.close(*room);
    trouble(text, now);
}

// Whether some room may be entered yet.
bool EventReducer::entersAny() const {
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        const RoomView& room = state_.rooms.at(i);
        const bool joining = room.state == RoomView::State::Joining;
        if (room.kind == RoomView::Kind::Public && joining) return true;
    }
    return false;
}

void EventReducer::named(const event::Named& named, const Moment& now) {
    const std::string was = std::exchange(state_.nick, std::string(named.nick));
    for (size_t i = 0; i < state_.rooms.size(); ++i) {
        RoomView& room = state_.rooms.at(i);
        const Person* person = room.find(was);
        if (room.kind != RoomView::Kind::Public || person == nullptr) continue;
        Person renamed{state_.nick, SafeText(state_.nick), person->user, person->classic,
                       person->spoke};
        room.leave(was);
        room.enter(std::move(renamed));
    }
    note("you are now " + state_.nick, now);
}

}  // namespace netchat::connect

#include "modes/bot/event_record.h"

#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

namespace event = client::event;

constexpr size_t kDescribedCodePointsMax = 200;

// Nothing: it is not kept.
std::optional<EventKind> kindOf(const client::Event& event) {
    using Kind = std::optional<EventKind>;
    return std::visit(
        client::Overloaded{
            [](const event::Connected&) -> Kind { return EventKind::Connected; },
            [](const event::Reconnecting&) -> Kind { return EventKind::Reconnecting; },
            [](const event::Disconnected&) -> Kind { return EventKind::Disconnected; },
            [](const event::Joined&) -> Kind { return EventKind::Joined; },
            [](const event::Left&) -> Kind { return EventKind::Left; },
            [](const event::Presence&) -> Kind { return EventKind::Presence; },
            [](const event::Named&) -> Kind { return EventKind::Named; },
            [](const event::Roster&) -> Kind { return EventKind::Roster; },
            [](const event::RoomList&) -> Kind { return EventKind::RoomList; },
            [](const event::Message&) -> Kind { return EventKind::Message; },
            [](const event::File&) -> Kind { return EventKind::File; },
            [](const event::Confirmed&) -> Kind { return EventKind::Confirmed; },
            [](const event::Gap&) -> Kind { return EventKind::Gap; },
            [](const event::LogChanged&) -> Kind { return EventKind::LogChanged; },
            [](const event::HistoryPage&) -> Kind { return EventKind::HistoryPage; },
            [](const event::HistoryEnd&) -> Kind { return EventKind::HistoryEnd; },
            [](const event::SearchPage&) -> Kind { return EventKind::SearchPage; },
            [](const event::SearchEnd&) -> Kind { return EventKind::SearchEnd; },
            [](const event::Private&) -> Kind { return EventKind::Private; },
            [](const event::FileReceived&) -> Kind { return EventKind::FileReceived; },
            [](const event::FileFailed&) -> Kind { return EventKind::FileFailed; },
            [](const event::Progress&) -> Kind { return {}; },
            [](const event::Uploaded&) -> Kind { return EventKind::Uploaded; },
            [](const event::Pong&) -> Kind { return {}; },
            [](const event::Notice&) -> Kind { return EventKind::Notice; },
            [](const event::Refused&) -> Kind { return EventKind::Refused; },
        },
        event);
}

// Takes those fields of an event that a record has, by their names.
template <class E>
void takeFields(EventRecord& r, const E& e) {
    if constexpr (requires { e.room; }) r.room = e.room;
    if constexpr (requires { e.from; }) r.from = e.from;
    if constexpr (requires { e.nick; }) r.from = e.nick;
    if constexpr (requires { e.to; }) r.to = e.to;
    if constexpr (requires { e.was; }) r.was = e.was;
    if constexpr (requires { e.state; }) r.state = e.state;
    if constexpr (requires { e.text; }) r.text = e.text;
    if constexpr (requires { e.name; }) r.name = e.name;
    if constexpr (requires { e.path; }) r.path = e.path;
    if constexpr (requires { e.sha256; }) r.sha256 = e.sha256;
    if constexpr (requires { e.id; }) r.id = e.id;
    if constexpr (requires { e.code; }) r.code = e.code;
    if constexpr (requires { e.re; }) r.re = e.re;
    if constexpr (requires { e.seq; }) r.seq = e.seq;
    if constexpr (requires { e.common; }) r.seq = e.common;
    if constexpr (requires { e.size; }) r.size = e.size;
    if constexpr (requires { e.members; }) r.members = e.members;
    if constexpr (requires { e.first; }) r.first = e.first;
    if constexpr (requires { e.last; }) r.last = e.last;
    if constexpr (requires { e.time; }) r.time = e.time;
    if constexpr (requires { e.own; }) r.own = e.own;
    if constexpr (requires { e.history; }) r.history = e.history;
    if constexpr (requires { e.more; }) r.more = e.more;
    if constexpr (requires { e.roster; }) {
        for (const v2::Member& member : e.roster) r.names.emplace_back(member.nick);
    }
    if constexpr (requires { e.rooms; }) {
        for (const v2::RoomLine& line : e.rooms) r.names.emplace_back(line.room);
    }
}

std::string joinedBySpaces(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
}

std::string forTheLog(std::string_view text) {
    return forLog(text, kDescribedCodePointsMax);
}

std::string named(std::string_view label, std::string_view value) {
    if (value.empty()) return {};
    return " " + std::string(label) + "=" + forTheLog(value);
}

std::string numbered(std::string_view label, uint64_t value) {
    return value == 0 ? std::string() : " " + std::string(label) + "=" + std::to_string(value);
}

std::string fileOf(const EventRecord& e) {
    return named("room", e.room) + named("from", e.from) + named("name", e.name) + " (" +
           sizeText(e.size) + ")";
}

std::string spanOf(const EventRecord& e) {
    return named("room", e.room) + numbered("first", e.first) + numbered("last", e.last);
}

std::string body(const EventRecord& e) {
    return e.text.empty() ? std::string() : ": " + forTheLog(e.text);
}

std::string marks(const EventRecord& e) {
    return std::string(e.own ? " (own)" : "") + (e.history ? " (history)" : "");
}

}  // namespace

size_t EventRecord::bytes() const {
    size_t sum = sizeof(EventRecord);
    for (const std::string* s :
         {&room, &from, &to, &was, &state, &text, &name, &path, &sha256, &id, &code, &re})
        sum += s->capacity();
    for (const std::string& s : names) sum += sizeof(s) + s.capacity();
    return sum;
}

std::optional<EventRecord> record(const client::Event& event, std::string_view self,
                                  int64_t heardMs) {
    const std::optional<EventKind> kind = kindOf(event);
    if (!kind) return {};
    EventRecord r;
    r.kind = *kind;
    r.heardMs = heardMs;
    std::visit([&r](const auto& one) { takeFields(r, one); }, event);
    std::visit(client::Overloaded{
                   [&](const event::Presence& one) { r.own = r.own || one.nick == self; },
                   [&](const event::Joined&) { r.own = true, r.from = self; },
                   [&](const event::Left&) { r.own = true, r.from = self; },
                   [&](const event::Named&) { r.own = true, r.was = self; },
                   [&](const event::Uploaded&) { r.own = true; },
                   [&](const event::Roster&) { r.text = joinedBySpaces(r.names); },
                   [&](const event::RoomList&) { r.text = joinedBySpaces(r.names); },
                   client::IgnoreOthers{},
               },
               event);
    return r;
}

std::string described(const EventRecord& e) {
    switch (e.kind) {
        case EventKind::Connected:
            return "connected" + named("nick", e.from);
        case EventKind::Disconnected:
            return "disconnected" + named("code", e.code) + body(e);
        case EventKind::Reconnecting:
            return "reconnecting" + named("code", e.code) + body(e);
        case EventKind::Joined:
            return "joined" + named("room", e.room) + numbered("members", e.members) + marks(e);
        case EventKind::Left:
            return "left" + named("room", e.room) + marks(e);
        case EventKind::Message:
            return "msg" + named("room", e.room) + numbered("seq", e.seq) + named("from", e.from) +
                   marks(e) + body(e);
        case EventKind::Private:
            return "private" + named("from", e.from) + named("to", e.to) + marks(e) + body(e);
        case EventKind::File:
            return "offer" + fileOf(e) + marks(e);
        case EventKind::FileReceived:
            return "file" + fileOf(e);
        case EventKind::FileFailed:
            return "failed" + named("name", e.name) + named("code", e.code) + body(e);
        case EventKind::Uploaded:
            return "uploaded" + fileOf(e);
        case EventKind::Presence:
            return forTheLog(e.state) + named("room", e.room) + named("from", e.from) +
                   named("was", e.was) + marks(e);
        case EventKind::Named:
            return "renamed" + named("from", e.from) + marks(e);
        case EventKind::Roster:
            return "roster" + named("room", e.room) + numbered("members", e.members) + body(e);
        case EventKind::RoomList:
            return "rooms" + body(e);
        case EventKind::HistoryPage:
            return "history" + spanOf(e);
        case EventKind::SearchPage:
            return "found" + spanOf(e);
        case EventKind::SearchEnd:
            return "end of what was found" + named("room", e.room);
        case EventKind::HistoryEnd:
            return "end of history" + named("room", e.room);
        case EventKind::Gap:
            return "gap" + spanOf(e);
        case EventKind::LogChanged:
            return "log changed" + named("room", e.room) + numbered("common", e.seq) +
                   numbered("last", e.last);
        case EventKind::Refused:
            return "error" + named("code", e.code) + named("re", e.re) + named("room", e.room) +
                   body(e);
        case EventKind::Notice:
            return "notice" + body(e);
        case EventKind::Confirmed:
            return "confirmed" + named("room", e.room) + numbered("seq", e.seq);
    }
    return {};
}

}  // namespace netchat::bot

#include "modes/bot/event_record.h"

#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

using client::EventKind;

constexpr size_t kDescribedCodePointsMax = 200;

std::string_view firstOf(std::string_view a, std::string_view b) {
    return a.empty() ? b : a;
}

void takeNames(EventRecord& record, const client::Event& event) {
    for (const v2::Member& member : event.roster) record.names.emplace_back(member.nick);
    for (const v2::RoomLine& line : event.rooms) record.names.emplace_back(line.room);
    if (event.kind == EventKind::Joined || record.names.empty()) return;
    record.text.clear();
    for (const std::string& name : record.names) {
        if (!record.text.empty()) record.text += ' ';
        record.text += name;
    }
}

std::string quoted(std::string_view text) {
    return forLog(text, kDescribedCodePointsMax);
}

std::string named(std::string_view label, std::string_view value) {
    if (value.empty()) return {};
    return " " + std::string(label) + "=" + quoted(value);
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
    return e.text.empty() ? std::string() : ": " + quoted(e.text);
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

bool isKept(EventKind kind) {
    return kind != EventKind::Progress && kind != EventKind::Pong;
}

EventRecord record(const client::Event& event, std::string_view self, int64_t heardMs) {
    EventRecord r;
    r.kind = event.kind;
    r.room = event.room, r.from = firstOf(event.from, event.nick), r.to = event.to;
    r.was = event.was, r.state = event.state, r.text = event.text, r.name = event.name;
    r.path = event.path, r.sha256 = event.sha256, r.id = event.id, r.code = event.code;
    r.re = event.re, r.seq = event.seq, r.size = event.size, r.members = event.members;
    r.first = event.first, r.last = event.last, r.time = event.time, r.heardMs = heardMs;
    r.own = event.own, r.history = event.history, r.more = event.more;
    switch (event.kind) {
        case EventKind::Presence:
            r.own = r.own || event.nick == self;
            break;
        case EventKind::Joined:
        case EventKind::Left:
            r.own = true, r.from = self;
            break;
        case EventKind::Named:
            r.own = true, r.was = self;
            break;
        default:
            break;
    }
    takeNames(r, event);
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
            return quoted(e.state) + named("room", e.room) + named("from", e.from) +
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
        case EventKind::Progress:
            return "progress" + fileOf(e);
        case EventKind::Confirmed:
            return "confirmed" + named("room", e.room) + numbered("seq", e.seq);
        case EventKind::Pong:
            break;
    }
    return "pong";
}

}  // namespace netchat::bot

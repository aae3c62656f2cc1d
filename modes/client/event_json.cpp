#include "modes/client/event_json.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>
#include <vector>

#include "protocol/text_safety.h"
#include "protocol/time_text.h"
#include "protocol/utf8.h"

namespace netchat::client {

namespace {

using Object = Poco::JSON::Object;
using Array = Poco::JSON::Array;

Object newObject() {
    return Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

// One key of an object and where its value comes from.
struct Key {
    const char* name;
    void (*set)(Object& object, const char* name, const Event& event);
};

template <auto Member>
void set(Object& object, const char* name, const Event& event) {
    const auto& value = event.*Member;
    if constexpr (std::is_same_v<decltype(value), const std::string_view&>) {
        object.set(name, utf8::repaired(value));
    } else {
        object.set(name, value);
    }
}

void setTime(Object& object, const char* name, const Event& event) {
    event.time == 0 ? object.set(name, Poco::Dynamic::Var())
                    : object.set(name, isoTime(event.time).str());
}

void setRoster(Object& object, const char* name, const Event& event) {
    Array members;
    for (const v2::Member& member : event.roster) {
        Object line = newObject();
        line.set("nick", utf8::repaired(member.nick));
        line.set("user", member.user);
        line.set("dialect", utf8::repaired(member.dialect));
        const bool asked = event.kind == EventKind::Roster;
        if (asked && !member.cloak.empty()) line.set("cloak", utf8::repaired(member.cloak));
        members.add(line);
    }
    object.set(name, members);
}

void setRooms(Object& object, const char* name, const Event& event) {
    Array rooms;
    for (const v2::RoomLine& room : event.rooms) {
        Object line = newObject();
        line.set("room", utf8::repaired(room.room));
        line.set("members", room.members);
        line.set("seq", room.seq);
        rooms.add(line);
    }
    object.set(name, rooms);
}

constexpr Key kRoom{"room", set<&Event::room>}, kFrom{"from", set<&Event::from>},
    kTo{"to", set<&Event::to>}, kNick{"nick", set<&Event::nick>}, kWas{"was", set<&Event::was>},
    kState{"state", set<&Event::state>}, kId{"id", set<&Event::id>},
    kText{"text", set<&Event::text>}, kName{"name", set<&Event::name>},
    kPath{"path", set<&Event::path>}, kSha256{"sha256", set<&Event::sha256>},
    kCode{"code", set<&Event::code>}, kRe{"re", set<&Event::re>},
    kToken{"token", set<&Event::token>}, kDurability{"durability", set<&Event::durability>},
    kUser{"user", set<&Event::user>}, kSeq{"seq", set<&Event::seq>},
    kSize{"size", set<&Event::size>}, kDone{"done", set<&Event::done>},
    kMembers{"members", set<&Event::members>}, kFirst{"first", set<&Event::first>},
    kLast{"last", set<&Event::last>}, kCommon{"common", set<&Event::seq>},
    kRttMs{"rttMs", set<&Event::rttMs>}, kRetryMs{"retryMs", set<&Event::retryMs>},
    kAttempt{"attempt", set<&Event::attempt>}, kAgain{"again", set<&Event::again>},
    kOwn{"own", set<&Event::own>}, kHistory{"history", set<&Event::history>},
    kMore{"more", set<&Event::more>}, kUpload{"upload", set<&Event::upload>},
    kTime{"time", setTime}, kRoster{"roster", setRoster}, kRooms{"rooms", setRooms};

std::vector<Key> keysOf(EventKind kind) {
    switch (kind) {
        case EventKind::Connected:
            return {kNick, kUser, kDurability, kAgain, kText};
        case EventKind::Reconnecting:
            return {kCode, kText, kRetryMs, kAttempt};
        case EventKind::Disconnected:
            return {kCode, kText};
        case EventKind::Joined:
            return {kRoom, kSeq, kMembers, kRoster};
        case EventKind::Left:
            return {kRoom, kText};
        case EventKind::Notice:
            return {kRe, kText};
        case EventKind::Message:
            return {kRoom, kSeq, kTime, kFrom, kUser, kId, kText, kOwn, kHistory};
        case EventKind::Confirmed:
            return {kRoom, kSeq, kId};
        case EventKind::Private:
            return {kTime, kFrom, kTo, kUser, kId, kText, kOwn};
        case EventKind::File:
            return {kRoom, kSeq,  kTime,   kFrom, kUser,    kId,
                    kName, kSize, kSha256, kOwn,  kHistory, kAgain};
        case EventKind::FileReceived:
            return {kRoom, kFrom, kName, kSize, kSha256, kPath};
        case EventKind::FileFailed:
            return {kRoom, kFrom, kName, kSize, kSha256, kCode, kText};
        case EventKind::Progress:
            return {kRoom, kName, kId, kSha256, kDone, kSize, kUpload};
        case EventKind::Uploaded:
            return {kRoom, kId, kName, kSize, kSha256};
        case EventKind::Presence:
            return {kRoom, kState, kNick, kUser, kWas};
        case EventKind::Named:
            return {kNick};
        case EventKind::Roster:
            return {kRoom, kMembers, kMore, kRoster};
        case EventKind::RoomList:
            return {kRooms};
        case EventKind::HistoryPage:
            return {kRoom, kFirst, kLast, kMore};
        case EventKind::SearchPage:
            return {kRoom, kText, kFirst, kLast, kMore};
        case EventKind::SearchEnd:
        case EventKind::HistoryEnd:
            return {kRoom};
        case EventKind::Pong:
            return {kToken, kRttMs};
        case EventKind::Gap:
            return {kRoom, kFirst, kLast};
        case EventKind::LogChanged:
            return {kRoom, kCommon, kLast, kText};
        case EventKind::Refused:
            return {kCode, kRe, kRoom, kNick, kId, kName, kSha256, kText};
    }
    return {};
}

}  // namespace

std::string toJson(const Event& event) {
    Object object = newObject();
    object.set("event", std::string(kindName(event.kind)));
    for (const Key& key : keysOf(event.kind)) key.set(object, key.name, event);
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str());
}

}  // namespace netchat::client

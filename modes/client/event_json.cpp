#include "modes/client/event_json.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>

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

Object objectOf(const v2::Member& member, bool withCloak) {
    Object line = newObject();
    line.set("nick", utf8::repaired(member.nick));
    line.set("user", member.user);
    line.set("dialect", utf8::repaired(member.dialect));
    if (withCloak && !member.cloak.empty()) line.set("cloak", utf8::repaired(member.cloak));
    return line;
}

Object objectOf(const v2::RoomLine& room) {
    Object line = newObject();
    line.set("room", utf8::repaired(room.room));
    line.set("members", room.members);
    line.set("seq", room.seq);
    return line;
}

// Sets a key of the object for each field that the JSON has.
struct Keys {
    Object& object;
    bool withCloaks;  // of a roster that was asked for

    void key(const char* name, std::string_view text) { object.set(name, utf8::repaired(text)); }
    void key(const char* name, uint64_t number) { object.set(name, number); }
    void key(const char* name, int64_t number) { object.set(name, number); }
    void key(const char* name, bool value) { object.set(name, value); }
    void key(const char* name, std::span<const v2::Member> roster) {
        Array members;
        for (const v2::Member& member : roster) members.add(objectOf(member, withCloaks));
        object.set(name, members);
    }
    void key(const char* name, std::span<const v2::RoomLine> lines) {
        Array rooms;
        for (const v2::RoomLine& line : lines) rooms.add(objectOf(line));
        object.set(name, rooms);
    }
    void time(const char* name, int64_t ms) {
        ms == 0 ? object.set(name, Poco::Dynamic::Var()) : object.set(name, isoTime(ms).str());
    }
    template <class Value>
    void local(const Value&) {}
};

}  // namespace

std::string toJson(const Event& event) {
    Object object = newObject();
    object.set("event", std::string(kindName(event)));
    Keys keys{object, isOneOf<event::Roster>(event)};
    std::visit([&keys](auto one) { one.visit(keys); }, event);
    std::ostringstream out;
    object.stringify(out);
    return escapedJson(out.str());
}

}  // namespace netchat::client

#include "modes/connect/screen/remembered.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "modes/connect/ignoring.h"
#include "modes/connect/screen/state.h"
#include "protocol/names.h"

namespace netchat::connect {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using Place = Remembered::Place;

// ---- reading

std::vector<Remembered::Said> saidOf(const Array::Ptr& lines) {
    std::vector<Remembered::Said> said;
    for (size_t i = 0; lines && i < lines->size() && i < Remembered::kTalkLinesMax; ++i) {
        const Object::Ptr line = lines->getObject(static_cast<unsigned>(i));
        if (!line) continue;
        said.push_back({.time = line->optValue<int64_t>("time", 0),
                        .own = line->optValue("own", false),
                        .from = line->optValue<std::string>("from", ""),
                        .text = line->optValue<std::string>("text", "")});
    }
    return said;
}

std::vector<Remembered::Typed> typedOf(const Array::Ptr& entries, bool pasted) {
    std::vector<Remembered::Typed> typed;
    for (size_t i = 0; entries && i < entries->size() && i < Remembered::kTypedMax; ++i) {
        const auto index = static_cast<unsigned>(i);
        // What was pasted stands in a list of its own: it never becomes a command.
        if (const Array::Ptr inner = entries->getArray(index)) {
            for (auto& entry : typedOf(inner, true)) typed.push_back(std::move(entry));
        } else {
            typed.push_back({entries->getElement<std::string>(index), pasted});
        }
    }
    return typed;
}

void readLine(const Object& line, Remembered& all) {
    const std::string room = line.optValue<std::string>("room", ""),
                      talk = line.optValue<std::string>("talk", ""),
                      ignored = line.optValue<std::string>("ignored", "");
    const bool named = (!room.empty() && checkRoom(room)) || (!talk.empty() && checkNick(talk));
    if (named && all.places.size() < Remembered::kPlacesMax) {
        all.places.push_back(
            {.kind = room.empty() ? RoomView::Kind::Private : RoomView::Kind::Public,
             .name = room.empty() ? talk : room,
             .current = line.optValue("current", false),
             .newFrom = line.optValue<uint64_t>("new", 0),
             .unread = line.optValue<unsigned>("unread", 0),
             .mentions = line.optValue<unsigned>("mentions", 0),
             .lines = saidOf(line.getArray("lines")),
             .typed = typedOf(line.getArray("typed"), false)});
    }
    if (!ignored.empty() && all.ignored.size() < kIgnoredMax) {
        all.ignored.push_back(ignored);
    }
}

// ---- writing

// The last of them that fit into so many bytes, in their order.
template <class Item, class Size>
void keepLast(std::vector<Item>& items, size_t countMax, size_t bytesMax, Size sizeOf) {
    size_t count = 0, bytes = 0;
    while (count < items.size() && count < countMax) {
        bytes += sizeOf(items[items.size() - 1 - count]);
        if (bytes > bytesMax) break;
        ++count;
    }
    items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(count));
}

std::vector<const Line*> saidIn(const RoomView& room) {
    std::vector<const Line*> lines;
    const size_t all = room.lines.size();
    const size_t first = all - std::min(all, 4 * Remembered::kTalkLinesMax);
    for (size_t i = first; i < all; ++i) {
        const Line& line = room.lines.at(i);
        if (line.kind == Line::Kind::Message && line.state == Line::State::Known) {
            lines.push_back(&line);
        }
    }
    keepLast(lines, Remembered::kTalkLinesMax, Remembered::kTalkBytesMax,
             [](const Line* line) { return line->text.view().size(); });
    return lines;
}

Array::Ptr jsonLines(const std::vector<const Line*>& lines) {
    Array::Ptr array = new Array;
    for (const Line* line : lines) {
        Object::Ptr said = new Object;
        said->set("time", line->time);
        if (line->own) said->set("own", true);
        said->set("from", line->from.str());
        said->set("text", line->text.str());
        array->add(said);
    }
    return array;
}

Array::Ptr typedOf(const RoomView& room) {
    const TypedHistory& history = room.editor.history();
    std::vector<const TracedText*> entries;
    for (size_t i = 0; i < history.size(); ++i) entries.push_back(&history.entry(i));
    keepLast(entries, Remembered::kTypedMax, Remembered::kTypedBytesMax,
             [](const TracedText* entry) { return entry->size(); });
    Array::Ptr array = new Array;
    for (const TracedText* entry : entries) {
        if (entry->isPasted(0)) {
            Array::Ptr pasted = new Array;
            pasted->add(entry->str());
            array->add(pasted);
        } else {
            array->add(entry->str());
        }
    }
    return array;
}

// What nobody has looked at.
struct Unseen {
    uint64_t line = 0, seq = 0;  // the first; seq 0: of a talk
    unsigned unread = 0, mentions = 0;
};

Unseen unseenIn(const RoomView& room, bool looked) {
    // Whoever looks at what was before has seen what is above it.
    const bool belowOnly = room.anchor && room.below.lines > 0;
    if (belowOnly && (looked || room.unread == 0)) {
        return {room.below.fromLine, room.below.fromSeq, room.below.lines, room.below.mentions};
    }
    if (looked) return {};
    Unseen unseen{room.newFrom, room.newFromSeq, room.unread, room.mentions};
    const size_t at = room.newFrom == 0 ? room.lines.size() : room.lines.find(room.newFrom, 0);
    if (at < room.lines.size()) unseen.seq = room.lines.at(at).seq;
    return unseen;
}

// As Place::newFrom.
uint64_t newOf(const RoomView& room, const Unseen& unseen, const std::vector<const Line*>& lines) {
    if (room.kind == RoomView::Kind::Public) return unseen.seq;
    if (unseen.line == 0) return 0;
    const auto first = std::find_if(lines.begin(), lines.end(),
                                    [&](const Line* line) { return line->id >= unseen.line; });
    return static_cast<uint64_t>(lines.end() - first);
}

void addUnseen(Object& to, const RoomView& room, bool looked,
               const std::vector<const Line*>& lines) {
    const Unseen unseen = unseenIn(room, looked);
    const uint64_t newFrom = newOf(room, unseen, lines);
    if (newFrom == 0) return;
    to.set("new", newFrom);
    if (unseen.unread > 0) to.set("unread", unseen.unread);
    if (unseen.mentions > 0) to.set("mentions", unseen.mentions);
}

// Where the next run begins. A talk in which nothing was said is not there any more.
const RoomView* shownNext(const Rooms& rooms) {
    const RoomView* room = rooms.current();
    const bool forgotten =
        room != nullptr && room->kind == RoomView::Kind::Private && saidIn(*room).empty();
    return forgotten ? rooms.before() : room;
}

void append(std::string& text, const Object& line) {
    std::ostringstream out;
    line.stringify(out);
    text += out.str() + "\n";
}

}  // namespace

std::string Remembered::firstRoom() const {
    std::string first;
    for (const Place& place : places) {
        if (place.kind != RoomView::Kind::Public) continue;
        if (place.current) return place.name;
        if (first.empty()) first = place.name;
    }
    return first;
}

Remembered parseRemembered(std::string_view text) {
    Remembered all;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        try {
            Poco::JSON::Parser parser;
            parser.setDepth(8);
            const auto object = parser.parse(line).extract<Object::Ptr>();
            if (object) readLine(*object, all);
        } catch (const Poco::Exception&) {
            continue;
        }
    }
    return all;
}

std::string rememberedText(const ScreenState& state) {
    const RoomView* shown = shownNext(state.rooms);
    std::string text;
    for (size_t i = 0; i < state.rooms.size(); ++i) {
        const RoomView& room = state.rooms.at(i);
        const bool left =
            room.state == RoomView::State::Left || room.state == RoomView::State::Leaving;
        const bool isPrivate = room.kind == RoomView::Kind::Private;
        const auto lines = isPrivate ? saidIn(room) : std::vector<const Line*>();
        if (left || (isPrivate && lines.empty())) continue;
        Object line(Poco::JSON_PRESERVE_KEY_ORDER);
        line.set(room.kind == RoomView::Kind::Public ? "room" : "talk", room.name);
        if (&room == shown) line.set("current", true);
        const bool looked = i == state.rooms.currentIndex() && state.focused;
        addUnseen(line, room, looked, lines);
        if (isPrivate) line.set("lines", jsonLines(lines));
        line.set("typed", typedOf(room));
        append(text, line);
    }
    for (const std::string& nick : state.ignored) {
        Object line;
        line.set("ignored", nick);
        append(text, line);
    }
    return text;
}

}  // namespace netchat::connect

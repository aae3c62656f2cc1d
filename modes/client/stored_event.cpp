#include "modes/client/stored_event.h"

namespace netchat::client {

namespace {

// Calls `text` for each text of an event, and `list` for each of its lists.
template <class Text, class List>
struct Fields {
    Text& text;
    List& list;

    void local(std::string_view& value) { text(value); }
    void local(std::span<const v2::Member>& value) { list(value); }
    void local(std::span<const v2::RoomLine>& value) { list(value); }
    template <class Number>
    void local(const Number&) {}

    template <class Value>
    void key(const char*, Value& value) {
        local(value);
    }
    void time(const char*, int64_t) {}
};

template <class Text, class List>
void eachField(Event& event, Text text, List list) {
    Fields<Text, List> fields{text, list};
    std::visit([&](auto& one) { one.visit(fields); }, event);
}

constexpr auto kNoText = [](std::string_view&) {};
constexpr auto kNoList = [](auto&) {};

}  // namespace

template <class Visit>
void StoredEvent::eachText(Visit visit) {
    eachField(event_, visit, kNoList);
    for (v2::Member& member : roster_)
        visit(member.nick), visit(member.dialect), visit(member.cloak);
    for (v2::RoomLine& line : rooms_) visit(line.room);
}

StoredEvent::StoredEvent(const Event& event) : event_(event) {
    eachField(event_, kNoText,
              Overloaded{[this](std::span<const v2::Member> roster) {
                             roster_.assign(roster.begin(), roster.end());
                         },
                         [this](std::span<const v2::RoomLine> rooms) {
                             rooms_.assign(rooms.begin(), rooms.end());
                         }});
    size_t size = 0;
    eachText([&size](std::string_view text) { size += text.size(); });
    texts_.reserve(size);
    eachText([this](std::string_view text) { texts_ += text; });
}

const Event& StoredEvent::get() {
    std::string_view rest = texts_;
    eachText([&rest](std::string_view& text) {
        const size_t size = text.size();
        text = rest.substr(0, size);
        rest.remove_prefix(size);
    });
    eachField(event_, kNoText,
              Overloaded{[this](std::span<const v2::Member>& roster) { roster = roster_; },
                         [this](std::span<const v2::RoomLine>& rooms) { rooms = rooms_; }});
    return event_;
}

size_t StoredEvent::bytes() const {
    return sizeof(*this) + texts_.capacity() + roster_.capacity() * sizeof(v2::Member) +
           rooms_.capacity() * sizeof(v2::RoomLine);
}

}  // namespace netchat::client

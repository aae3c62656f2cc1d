#include "modes/client/stored_event.h"

namespace netchat::client {

namespace {

constexpr std::string_view Event::*kTexts[] = {
    &Event::room, &Event::from, &Event::to,    &Event::nick,       &Event::was,  &Event::state,
    &Event::id,   &Event::text, &Event::name,  &Event::folder,     &Event::path, &Event::sha256,
    &Event::code, &Event::re,   &Event::token, &Event::durability,
};

}  // namespace

template <class Visit>
void StoredEvent::eachText(Visit visit) {
    for (const auto text : kTexts) visit(event_.*text);
    for (v2::Member& member : roster_)
        visit(member.nick), visit(member.dialect), visit(member.cloak);
    for (v2::RoomLine& line : rooms_) visit(line.room);
}

StoredEvent::StoredEvent(const Event& event)
    : event_(event),
      roster_(event.roster.begin(), event.roster.end()),
      rooms_(event.rooms.begin(), event.rooms.end()) {
    size_t size = 0;
    eachText([&](std::string_view text) { size += text.size(); });
    texts_.reserve(size);
    eachText([&](std::string_view text) { texts_ += text; });
}

const Event& StoredEvent::get() {
    std::string_view rest = texts_;
    eachText([&](std::string_view& text) {
        const size_t size = text.size();
        text = rest.substr(0, size);
        rest.remove_prefix(size);
    });
    event_.roster = roster_;
    event_.rooms = rooms_;
    return event_;
}

size_t StoredEvent::bytes() const {
    return sizeof(*this) + texts_.capacity() + roster_.capacity() * sizeof(v2::Member) +
           rooms_.capacity() * sizeof(v2::RoomLine);
}

}  // namespace netchat::client

#include "modes/client/stored_event.h"

namespace netchat::client {

namespace {

constexpr std::string_view Event::*kTexts[] = {
    &Event::room,   &Event::from, &Event::to,   &Event::nick,  &Event::was,
    &Event::state,  &Event::id,   &Event::text, &Event::name,  &Event::path,
    &Event::sha256, &Event::code, &Event::re,   &Event::token, &Event::durability,
};

}  // namespace

StoredEvent::StoredEvent(const Event& event) : event_(event) {
    event_.roster = {};
    event_.rooms = {};
    for (const auto text : kTexts) texts_ += event.*text;
}

const Event& StoredEvent::get() {
    std::string_view rest = texts_;
    for (const auto text : kTexts) {
        const size_t size = (event_.*text).size();
        event_.*text = rest.substr(0, size);
        rest.remove_prefix(size);
    }
    return event_;
}

}  // namespace netchat::client

#include "modes/bot/told_entries.h"

#include <algorithm>

#include "protocol/text_safety.h"

namespace netchat::bot {

namespace event = client::event;

void ToldEntries::follow(const client::Event& event, bool inPage) {
    const auto entry = [&](const auto& one) {
        if (inPage || one.seq == 0) return;
        Room& room = rooms_[std::string(one.room)];
        room.last = std::max(room.last, one.seq);
        room.ids.emplace_back(one.seq, one.id);
        if (room.ids.size() > kIdsMax) room.ids.pop_front();
    };
    std::visit(
        client::Overloaded{
            [&](const event::Message& message) { entry(message); },
            [&](const event::File& file) { entry(file); },
            // A gap of a page is no further than what was told, or it is told again in its turn.
            [this](const event::Gap& gap) {
                Room& room = rooms_[std::string(gap.room)];
                if (gap.first <= room.last + 1) room.last = std::max(room.last, gap.last);
            },
            [this](const event::LogChanged& changed) {
                Room& room = rooms_[std::string(changed.room)];
                room.last = std::min(room.last, changed.common);
                std::erase_if(room.ids, [&](const auto& id) { return id.first > changed.common; });
            },
            client::IgnoreOthers{},
        },
        event);
}

Status ToldEntries::check(std::string_view name, uint64_t seq, std::string_view id) const {
    const auto room = rooms_.find(name);
    if (room == rooms_.end() || seq > room->second.last) {
        return Error{ErrorCode::BadState,
                     "this run has received no " + forLog(name, 60) + " with this seq"};
    }
    if (id.empty()) return Ok{};
    const auto& ids = room->second.ids;
    const auto found =
        std::find_if(ids.begin(), ids.end(), [&](const auto& known) { return known.first == seq; });
    if (found == ids.end() || found->second == id) return Ok{};
    return Error{ErrorCode::BadId, "the entry with this seq has another id"};
}

}  // namespace netchat::bot

#include "modes/bot/told_entries.h"

#include <algorithm>

#include "protocol/text_safety.h"

namespace netchat::bot {

using client::Event;
using client::EventKind;

void ToldEntries::follow(const Event& event, bool inPage) {
    const bool entry = event.kind == EventKind::Message || event.kind == EventKind::File;
    if (entry && !inPage && event.seq != 0) {
        Room& room = rooms_[std::string(event.room)];
        room.last = std::max(room.last, event.seq);
        room.ids.emplace_back(event.seq, event.id);
        if (room.ids.size() > kIdsMax) room.ids.pop_front();
    }
    // A gap of a page is no further than what was told, or it is told again in its turn.
    if (event.kind == EventKind::Gap) {
        Room& room = rooms_[std::string(event.room)];
        if (event.first <= room.last + 1) room.last = std::max(room.last, event.last);
    }
    if (event.kind == EventKind::LogChanged) {
        Room& room = rooms_[std::string(event.room)];
        room.last = std::min(room.last, event.seq);
        std::erase_if(room.ids, [&](const auto& id) { return id.first > event.seq; });
    }
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

// What users ask: who is there, which rooms, and pages of the log.

#include <algorithm>
#include <limits>

#include "modes/serve/hub/hub.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::serve {

void Hub::on(const AskWho& c) {
    const User* user = directory_.bySession(c.session);
    if (!user) return;
    const Room* room = c.room.empty() ? nullptr : findRoom(c.room);
    static const std::vector<User*> kNobody;
    const store::Range kept = log_.range(c.room);
    if (!room && !c.room.empty() && kept.first > kept.last) {
        return refuse(c.session,
                      {ErrorCode::BadRoom, "there is no room '" + std::string(c.room) + "'"},
                      v2::Who::kVerb, c.room);
    }
    const auto& users = room ? room->members : c.room.empty() ? directory_.present() : kNobody;
    RosterReady answer{c.session, std::string(c.room), users.size(), false, {}};
    answer.roster = rosterOf(users, c.after, limits::kWhoMembersMax, cloaksFor(*user), answer.more);
    emit(c.session, std::move(answer));
}

void Hub::on(const AskRooms& c) {
    if (!directory_.bySession(c.session)) return;
    RoomsReady answer{c.session, 0, allRooms()};
    answer.count = answer.rooms.size();
    // The most visited first.
    const auto busier = [](const RoomInfo& a, const RoomInfo& b) {
        return a.members != b.members ? a.members > b.members : a.name < b.name;
    };
    const size_t listed = std::min(answer.rooms.size(), limits::kRoomsListedMax);
    std::partial_sort(answer.rooms.begin(),
                      answer.rooms.begin() + static_cast<std::ptrdiff_t>(listed),
                      answer.rooms.end(), busier);
    answer.rooms.resize(listed);
    emit(c.session, std::move(answer));
}

void Hub::on(const AskHistory& c) {
    const User* user = directory_.bySession(c.session);
    if (!user) return;
    const Room* room = memberRoom(*user, c.room);
    if (!room) return refuse(c.session, notInRoom(c.room), v2::History::kVerb, c.room);
    const auto kept = log_.range(room->name);
    const uint64_t end = c.before == 0 ? kept.last + 1 : std::min(c.before, kept.last + 1);
    const uint64_t wanted = std::clamp<uint64_t>(c.limit, 1, limits::kHistoryEntriesMax);
    const uint64_t start = std::max(kept.first, end > wanted ? end - wanted : 1);
    if (options_.logPort && start < end) {
        return read({OpenRead::Kind::History,
                     c.session,
                     room->id,
                     start,
                     {room->name, start, end, wanted, limits::kPageBytesMax, true}});
    }
    Page page;
    // Long texts make a page shorter at its old end: it must touch what the client has.
    for (uint64_t from = start; from < end; from = (from + end + 1) / 2) {
        page = readPage(*room, *user, from, end - from, limits::kPageBytesMax, Reading::Looking);
        if (page.last + 1 == end) break;
    }
    page.more = page.first > kept.first;
    emit(c.session, HistoryReady{c.session, room->name, std::move(page)});
}

void Hub::on(const AskSearch& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    const auto no = [&](ErrorCode code, std::string text) {
        refuse(c.session, {code, std::move(text)}, v2::Search::kVerb, c.room);
    };
    const Room* room = memberRoom(*user, c.room);
    if (!room) return refuse(c.session, notInRoom(c.room), v2::Search::kVerb, c.room);
    if (!options_.search) return no(ErrorCode::BadState, "this server has no search");
    if (user->searching) {
        return no(ErrorCode::TooMany, "one search at a time; wait for its result");
    }
    user->searching = true;
    const auto limit = std::clamp<uint64_t>(c.limit, 1, limits::kFoundEntriesMax);
    options_.search(c.session, {room->name, std::string(c.words), c.before, limit});
}

void Hub::on(const Searched& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    user->searching = false;
    if (!c.result) return refuse(c.session, c.result.error(), v2::Search::kVerb, c.room);
    const auto& entries = c.result->entries;
    // What is in doubt is found by the index before the log knows of it.
    const uint64_t last = log_.range(c.room).last;
    // The newest that fit into a page.
    size_t from = entries.size(), bytes = 0;
    while (from > 0 && bytes < limits::kPageBytesMax) bytes += entries[--from].text.size();
    SearchReady answer{c.session, c.room, {}};
    const size_t dialect = indexOf(user->dialect);
    for (size_t i = from; i < entries.size() && entries[i].seq <= last; ++i) {
        addToPage(answer.page, *options_.encoders[dialect], dialect, c.room, entries[i].view());
    }
    for (const uint64_t seq : c.result->lost) answer.page.lost.emplace_back(seq, seq);
    answer.page.more = c.result->more || from > 0;
    // What comes next begins where looking ended.
    if (from == 0 && c.result->lookedTo > 0) answer.page.first = c.result->lookedTo;
    emit(c.session, std::move(answer));
}

void Hub::on(const CatchUp& c) {
    const User* user = directory_.bySession(c.session);
    const auto it = rooms_.find(c.room);
    if (!user) return;
    if (it == rooms_.end()) return tellOfNoRoom(c);
    // What is published in this turn must be in the batch before the page that may contain it.
    flushRoom(*it->second);
    if (options_.logPort) return askPage(c, *it->second);
    Page page =
        readPage(*it->second, *user, c.seq, SIZE_MAX, options_.catchUpBytes, Reading::Following);
    emit(c.session, CaughtUp{c.session, c.room, c.seq, std::move(page)});
}

// An operator has removed the room: nothing of it is kept.
void Hub::tellOfNoRoom(const CatchUp& c) {
    Page nothing;
    nothing.gapFirst = c.seq;
    nothing.gapLast = std::numeric_limits<uint64_t>::max();
    emit(c.session, CaughtUp{c.session, c.room, c.seq, std::move(nothing)});
}

// Entries from `seq` on, oldest first; at least one if there is one.
Page Hub::readPage(const Room& room, const User& user, uint64_t seq, size_t entriesMax,
                   size_t bytesMax, Reading reading) const {
    Page page;
    const auto kept = log_.range(room.name);
    if (seq < kept.first && kept.first > 1) {
        page.gapFirst = seq;
        page.gapLast = kept.first - 1;
        seq = kept.first;
    }
    (void)log_.read(room.name, seq, [&](const store::Entry& entry) {
        if (page.items.size() >= entriesMax || page.bytes.size() >= bytesMax) return false;
        addEntry(page, room, user, entry, reading);
        return true;
    });
    return page;
}

void Hub::addEntry(Page& page, const Room& room, const User& user, const store::Entry& entry,
                   Reading reading) const {
    const size_t dialect = indexOf(user.dialect);
    Encoder& encoder = *options_.encoders[dialect];
    if (entry.kind == store::EntryKind::Lost) {
        addLostToPage(page, encoder, dialect, room.name, entry, reading == Reading::Following);
    } else if (entry.user == user.number && !encoder.sendsOwn()) {
        ++page.ownSkipped;
        page.last = entry.seq;
    } else {
        addToPage(page, encoder, dialect, room.name, entry);
    }
}

}  // namespace netchat::serve

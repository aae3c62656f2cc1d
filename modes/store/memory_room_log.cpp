#include "modes/store/memory_room_log.h"

#include <algorithm>

#include "modes/store/id_number.h"
#include "protocol/file_labels.h"

namespace netchat::store {

namespace {

constexpr size_t kChunkBytes = 64 * limits::kKiB;

}  // namespace

size_t MemoryRoomLog::idHash(uint64_t user, std::string_view id) {
    return std::hash<std::string_view>()(id) ^ static_cast<size_t>(user * 0x9E3779B97F4A7C15ULL);
}

MemoryRoomLog::Room& MemoryRoomLog::roomOf(std::string_view name) {
    auto it = rooms_.find(name);
    if (it == rooms_.end()) it = rooms_.emplace(std::string(name), Room{}).first;
    return it->second;
}

const MemoryRoomLog::Room* MemoryRoomLog::findRoom(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? nullptr : &it->second;
}

Entry MemoryRoomLog::entryAt(const Chunk& chunk, size_t index) {
    const Record& r = chunk.records[index];
    std::string_view bytes = std::string_view(chunk.bytes).substr(r.at);
    const auto cut = [&bytes](size_t size) {
        const auto part = bytes.substr(0, size);
        bytes.remove_prefix(size);
        return part;
    };
    Entry entry{r.kind, chunk.first + index, r.time, r.user, {}, {}, {}, {}, r.size};
    entry.id = cut(r.idSize);
    entry.from = cut(r.fromSize);
    entry.text = cut(r.textSize);
    if (r.kind == EntryKind::File) entry.sha256 = cut(64);
    return entry;
}

// Where this number is, or would be.
auto MemoryRoomLog::Speaker::find(uint64_t number) {
    return std::lower_bound(said.begin(), said.end(), number,
                            [](const Counted& c, uint64_t wanted) { return c.number < wanted; });
}

void MemoryRoomLog::Speaker::forget(uint64_t number, const Room& room, uint64_t seq) {
    const auto it = find(number);
    if (it == said.end() || it->number != number) return;
    if (it->place.room != &room || it->place.seq != seq) return;
    it->place.room = nullptr;
    // Moved together now and then, so that forgetting costs no more than remembering did: wherever
    // they are, since what was said in a quiet room stays while a busy one forgets.
    if (++forgotten * 2 < said.size()) return;
    std::erase_if(said, [](const Counted& c) { return !c.place.room; });
    forgotten = 0;
}

// Where the kept entry with this user and id is; no room when there is none.
MemoryRoomLog::Place MemoryRoomLog::earlier(const Entry& entry) {
    if (entry.id.empty()) return {};
    if (const uint64_t number = idNumber(entry.id)) {
        const auto speaker = speakers_.find(entry.user);
        if (speaker != speakers_.end()) {
            const auto& said = speaker->second.said;
            if (number <= said.back().number) {
                const auto it = speaker->second.find(number);
                if (it != said.end() && it->number == number && it->place.room) {
                    return it->place;
                }
            }
        }
    }
    if (ids_.empty()) return {};
    const auto [from, to] = ids_.equal_range(idHash(entry.user, entry.id));
    for (auto it = from; it != to; ++it) {
        const auto& chunks = it->second.room->chunks;
        const auto chunk =
            std::prev(std::upper_bound(chunks.begin(), chunks.end(), it->second.seq,
                                       [](uint64_t seq, const Chunk& c) { return seq < c.first; }));
        const Entry kept = entryAt(*chunk, static_cast<size_t>(it->second.seq - chunk->first));
        if (kept.user == entry.user && kept.id == entry.id) return it->second;
    }
    return {};
}

std::optional<Appended> MemoryRoomLog::alreadySaid(const Draft& draft) {
    const Place place = earlier(draft.entry);
    if (!place.room) return {};
    return Appended{place.seq, true, place.room != findRoom(draft.room)};
}

Result<std::vector<Appended>> MemoryRoomLog::append(std::span<const Draft> drafts) {
    std::vector<Appended> result;
    result.reserve(drafts.size());
    bool added = false;
    for (const Draft& draft : drafts) {
        if (const auto said = alreadySaid(draft)) {
            result.push_back(*said);
            continue;
        }
        Room& room = roomOf(draft.room);
        store(room, draft.entry);
        result.push_back({room.last, false});
        trim(room);
        added = true;
    }
    if (added) grew();
    return result;
}

void MemoryRoomLog::store(Room& room, const Entry& entry) {
    const size_t size = textBytes(entry);
    if (room.chunks.empty() || room.chunks.back().bytes.size() + size > kChunkBytes) {
        room.chunks.push_back({room.last + 1, {}, {}});
    }
    Chunk& chunk = room.chunks.back();
    chunk.records.push_back(
        {entry.time, entry.user, entry.size, static_cast<uint32_t>(chunk.bytes.size()),
         static_cast<uint32_t>(entry.text.size()), static_cast<uint16_t>(entry.id.size()),
         static_cast<uint16_t>(entry.from.size()), entry.kind});
    chunk.bytes.append(entry.id).append(entry.from).append(entry.text).append(entry.sha256);
    ++room.last;
    ++room.entries;
    room.bytes += size + sizeof(Record);
    if (!entry.id.empty()) remember(entry, {&room, room.last});
}

void MemoryRoomLog::remember(const Entry& entry, Place place) {
    if (const uint64_t number = idNumber(entry.id)) {
        auto& said = speakers_[entry.user].said;
        if (said.empty() || number > said.back().number) {
            said.push_back({number, place});
            return;
        }
    }
    ids_.emplace(idHash(entry.user, entry.id), place);
}

void MemoryRoomLog::trim(Room& room) {
    while (room.chunks.size() > 1 &&
           (room.bytes > limits_.bytesMax || room.entries > limits_.entriesMax)) {
        forgetFirst(room);
    }
}

void MemoryRoomLog::forgetFirst(Room& room) {
    const Chunk& chunk = room.chunks.front();
    forgetIds(room, chunk);
    room.bytes -= chunk.bytes.size() + chunk.records.size() * sizeof(Record);
    room.entries -= chunk.records.size();
    room.chunks.pop_front();
}

// By whole chunks: what is in one with something newer stays a little longer.
Result<Forgotten> MemoryRoomLog::forgetSome(const Retention& retention, int64_t nowMs) {
    Forgotten result;
    if (retention.allBytes > 0 && bytesInAll() > retention.allBytes) {
        Room* largest = nullptr;
        for (auto& [name, room] : rooms_) {
            if (room.chunks.size() > 1 && (!largest || room.bytes > largest->bytes))
                largest = &room;
        }
        if (largest) {
            forgetFirst(*largest);
            result.more = true;
            return result;
        }
    }
    for (auto& [name, room] : rooms_) {
        if (room.chunks.empty()) continue;
        const bool large = retention.bytes > 0 && room.bytes > retention.bytes;
        const auto& records = room.chunks.front().records;
        const bool old = retention.ageMs > 0 && records.back().time < nowMs - retention.ageMs;
        if (!old && !(large && room.chunks.size() > 1)) {
            const int64_t ms = records.back().time + retention.ageMs + 1;
            if (retention.ageMs > 0) result.nextMs = std::min(result.nextMs.value_or(ms), ms);
            continue;
        }
        forgetFirst(room);
        result.more = true;
        result.nextMs.reset();
        return result;
    }
    return result;
}

void MemoryRoomLog::forgetIds(const Room& room, const Chunk& chunk) {
    for (size_t i = 0; i < chunk.records.size(); ++i) {
        const Entry entry = entryAt(chunk, i);
        if (entry.id.empty()) continue;
        if (const auto speaker = speakers_.find(entry.user); speaker != speakers_.end()) {
            speaker->second.forget(idNumber(entry.id), room, entry.seq);
            if (speaker->second.said.empty()) speakers_.erase(speaker);
        }
        if (ids_.empty()) continue;
        const auto [from, to] = ids_.equal_range(idHash(entry.user, entry.id));
        const auto it = std::find_if(from, to, [&](const auto& id) {
            return id.second.room == &room && id.second.seq == entry.seq;
        });
        if (it != to) ids_.erase(it);
    }
}

void MemoryRoomLog::eachRoom(const RoomVisitor& visit) const {
    for (const auto& [name, room] : rooms_) {
        if (!room.chunks.empty()) visit(name, {room.chunks.front().first, room.last});
    }
}

// ---- taking out

// A room at a time, in the order of their names: they are in memory, and bounded.
Result<Purged> MemoryRoomLog::purgeSome(Purge& purge) {
    Purged result;
    beginPurge(purge);
    if (purge.ends.empty()) return result;
    const auto [name, end] = *purge.ends.begin();
    purge.ends.erase(purge.ends.begin());
    result.more = !purge.ends.empty();
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return result;
    Room& room = it->second;
    std::vector<std::string> files;
    for (Chunk& chunk : room.chunks) {
        for (size_t i = 0; i < chunk.records.size(); ++i) {
            const Entry entry = entryAt(chunk, i);
            if (entry.seq >= end) break;
            if (isGone(chunk.records[i])) continue;
            if (!purge.matches(entry.user, entry.from, entry.time)) continue;
            if (entry.kind == EntryKind::File) files.emplace_back(entry.sha256);
            result.users.push_back(entry.user);
            empty(chunk, i);
            ++result.entries;
        }
    }
    const auto allGone = [](const Chunk& chunk) {
        return std::all_of(chunk.records.begin(), chunk.records.end(), isGone);
    };
    while (!room.chunks.empty() && allGone(room.chunks.front())) forgetFirst(room);
    for (std::string& file : files) {
        if (!isAnnounced(file)) result.files.push_back(std::move(file));
    }
    std::sort(result.users.begin(), result.users.end());
    result.users.erase(std::unique(result.users.begin(), result.users.end()), result.users.end());
    return result;
}

// Its number and id stay.
void MemoryRoomLog::empty(Chunk& chunk, size_t index) {
    Record& r = chunk.records[index];
    const size_t hash = r.kind == EntryKind::File ? 64 : 0;
    std::fill_n(chunk.bytes.begin() + r.at + r.idSize, r.fromSize + r.textSize + hash, '\0');
    r.kind = EntryKind::Lost;
    r.fromSize = 0;
    r.textSize = 0;
    r.size = 0;
}

bool MemoryRoomLog::isAnnounced(std::string_view sha256) const {
    for (const auto& [name, room] : rooms_) {
        for (const Chunk& chunk : room.chunks) {
            for (size_t i = 0; i < chunk.records.size(); ++i) {
                if (entryAt(chunk, i).sha256 == sha256) return true;
            }
        }
    }
    return false;
}

Result<std::vector<std::string>> MemoryRoomLog::filesNamed(std::string_view file) {
    std::vector<std::string> found;
    for (const auto& [name, room] : rooms_) {
        for (const Chunk& chunk : room.chunks) {
            for (size_t i = 0; i < chunk.records.size(); ++i) {
                const Entry entry = entryAt(chunk, i);
                if (entry.kind != EntryKind::File) continue;
                if (parseFileText(entry.text).name != file) continue;
                if (std::find(found.begin(), found.end(), entry.sha256) == found.end()) {
                    found.emplace_back(entry.sha256);
                }
            }
        }
    }
    return found;
}

uint64_t MemoryRoomLog::keptBytes(std::string_view name) const {
    const Room* room = findRoom(name);
    return room ? room->bytes : 0;
}

Range MemoryRoomLog::range(std::string_view name) const {
    const Room* room = findRoom(name);
    if (!room) return {};
    if (room->chunks.empty()) return {room->last + 1, room->last};
    return {room->chunks.front().first, room->last};
}

Status MemoryRoomLog::read(std::string_view name, uint64_t seq, const Visitor& visit) const {
    const Room* room = findRoom(name);
    if (!room) return Ok{};
    const auto& chunks = room->chunks;
    auto from = std::upper_bound(chunks.begin(), chunks.end(), seq,
                                 [](uint64_t s, const Chunk& c) { return s < c.first; });
    if (from != chunks.begin()) --from;
    for (; from != chunks.end(); ++from) {
        const Chunk& chunk = *from;
        const size_t skip = seq > chunk.first ? static_cast<size_t>(seq - chunk.first) : 0;
        for (size_t i = skip; i < chunk.records.size(); ++i) {
            Entry entry = entryAt(chunk, i);
            if (isGone(chunk.records[i])) {
                Entry gone;
                gone.kind = EntryKind::Lost;
                gone.seq = entry.seq;
                gone.size = 1;
                entry = gone;
            }
            if (!visit(entry)) return Ok{};
        }
    }
    return Ok{};
}

}  // namespace netchat::store

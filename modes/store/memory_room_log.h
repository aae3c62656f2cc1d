#pragma once

// A room log in memory: lost with the process, bounded in bytes and entries per room.
//
//   room:   chunk | chunk | chunk (open)        dropped whole at the front, filled at the back
//   chunk:  entries' fixed parts in one vector, their texts one after the other in one string
//
// Memory is taken per chunk, not per message. Ids that count upward, as nearly all do, are kept in
// a vector for each who speaks, where the newest is compared first; others in a hash map.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/store/room_log.h"
#include "protocol/limits.h"

namespace netchat::store {

struct MemoryLimits {
    size_t bytesMax = limits::kMemoryLogBytesMax;
    size_t entriesMax = limits::kMemoryLogEntriesMax;
};

class MemoryRoomLog : public RoomLog {
  public:
    // `identity`: one that no other log has; empty: none.
    explicit MemoryRoomLog(MemoryLimits limits = {}, std::string identity = {})
        : limits_(limits), identity_(std::move(identity)) {}

    Result<std::vector<Appended>> append(std::span<const Draft> drafts) override;
    std::optional<Appended> alreadySaid(const Draft& draft) override;
    Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    uint64_t keptBytes(std::string_view room) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    Result<Purged> purgeSome(Purge& purge) override;
    Result<std::vector<std::string>> filesNamed(std::string_view name) override;
    Result<Forgotten> forgetSome(const Retention& retention, int64_t nowMs) override;
    std::string_view durability() const override { return "memory"; }
    std::string_view identity() const override { return identity_; }
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override {
        if (identity != identity_) return {};
        return range(room).last;
    }

  private:
    struct Record {
        int64_t time;
        uint64_t user, size;
        uint32_t at;  // of id, from, text and sha256, one after the other, in the chunk's bytes
        uint32_t textSize;
        uint16_t idSize, fromSize;
        EntryKind kind;
    };
    struct Chunk {
        uint64_t first = 1;
        std::vector<Record> records;
        std::string bytes;
    };
    struct Room {
        std::deque<Chunk> chunks;
        uint64_t last = 0;
        size_t bytes = 0, entries = 0;
    };
    struct Place {
        Room* room = nullptr;
        uint64_t seq = 0;
    };

    // What one user has said with ids that count upward.
    struct Counted {
        uint64_t number;
        Place place;  // its room is null when the entry is kept no longer
    };
    struct Speaker {
        std::vector<Counted> said;  // by ascending number
        size_t forgotten = 0;       // of them, those that are kept no longer
        auto find(uint64_t number);
        void forget(uint64_t number, const Room& room, uint64_t seq);
    };

    Room& roomOf(std::string_view name);
    const Room* findRoom(std::string_view name) const;
    Place earlier(const Entry& entry);
    void remember(const Entry& entry, Place place);
    void store(Room& room, const Entry& entry);
    void trim(Room& room);
    void empty(Chunk& chunk, size_t index);
    bool isAnnounced(std::string_view sha256) const;
    static bool isGone(const Record& record) { return record.kind == EntryKind::Lost; }
    void forgetFirst(Room& room);
    void forgetIds(const Room& room, const Chunk& chunk);
    static Entry entryAt(const Chunk& chunk, size_t index);
    static size_t idHash(uint64_t user, std::string_view id);

    MemoryLimits limits_;
    const std::string identity_;
    struct NameHash {
        using is_transparent = void;
        size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };
    std::unordered_map<std::string, Room, NameHash, std::equal_to<>> rooms_;
    std::unordered_map<uint64_t, Speaker> speakers_;  // by user
    // Of other ids, by a hash of (user, id); the entry itself decides.
    std::unordered_multimap<size_t, Place> ids_;
};

}  // namespace netchat::store

#pragma once

// What a journal says, put in order for judging: what was said and when it was first seen, who was
// where, and which records are whose. Judges nothing. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "harness/journal/journal.h"
#include "harness/judge/membership_timeline.h"

namespace netchat::harness {

// Something that goes into a room's log: a message, or a file's announcement.
struct Item {
    uint32_t sender, number;
    uint16_t room;
    bool file;
    bool refused = false;
    bool certain = true;  // it must have reached the server: its sender's connection held
    size_t sentAt;
    size_t acceptedAt = kNever;  // the first place where anybody saw it
    uint64_t seq = 0;            // 0: nobody who sees numbers saw it
    int64_t due = 0;
};

// A sighting whose number does not agree with another.
struct NumberConflict {
    size_t place;
    uint32_t item;
    uint32_t other;  // the item that has this number, too; the same item if it has two numbers
};

class JournalIndex {
  public:
    // `ended`: what has not come by now will not come. The journal must outlive this.
    JournalIndex(const Journal& journal, bool ended);

    const std::vector<Record>& records() const { return journal_.records(); }
    // The place of the end record, or of what would come next.
    size_t end() const { return end_; }
    bool hasEnd() const { return end_ < records().size(); }
    bool decided() const { return decided_; }
    const MembershipTimelines& timelines() const { return timelines_; }

    // In the order in which they were sent.
    const std::vector<Item>& items() const { return items_; }
    const std::vector<uint32_t>& itemsOf(uint16_t room) const { return itemsOfRoom_[room]; }
    // What a record is about, if it was ever sent.
    std::optional<uint32_t> itemOf(const Record& record) const;
    const std::vector<NumberConflict>& conflicts() const { return conflicts_; }
    // Somebody saw something there that has no number: the order must be found without.
    bool hasUnnumbered(uint16_t room) const { return unnumbered_[room]; }
    // The places of a bot's records, in order.
    std::span<const uint32_t> placesOf(uint32_t bot) const;

  private:
    void collectItems();
    void addItem(const Record& record, size_t place, uint16_t room, bool file);
    void refuse(const Record& record, bool file);
    void collectSightings();
    void takeNumber(uint32_t index, size_t place);
    void groupByBot();

    struct RoomNumber {
        uint16_t room;
        uint64_t seq;
        bool operator==(const RoomNumber&) const = default;
    };
    struct RoomNumberHash {
        size_t operator()(const RoomNumber& n) const {
            return std::hash<uint64_t>()(n.seq * 0x9E3779B97F4A7C15ULL + n.room);
        }
    };

    const Journal& journal_;
    const size_t end_;
    const bool decided_;
    const MembershipTimelines timelines_;
    std::vector<Item> items_;
    std::unordered_map<uint64_t, uint32_t> index_;  // into items_, by who and what
    std::vector<std::vector<uint32_t>> itemsOfRoom_;
    std::unordered_map<RoomNumber, uint32_t, RoomNumberHash> numbers_;
    std::vector<NumberConflict> conflicts_;
    std::vector<bool> unnumbered_;  // by room
    std::vector<size_t> starts_;    // by bot, into places_
    std::vector<uint32_t> places_;
};

// A record that says that somebody saw an entry of a room's log.
bool isSighting(Kind kind);

}  // namespace netchat::harness

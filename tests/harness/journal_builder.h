#pragma once

// Journals as a story: who comes, says, sees and goes, in the order of the calls.

#include "harness/journal/journal.h"

namespace netchat::harness {

class Story {
  public:
    enum class Dialect { V2, Classic };

    Story() {
        journal_.rooms = {"lobby", "other"};
        journal_.info.payload.seed = 1;
    }

    uint32_t bot(Dialect dialect = Dialect::V2) {
        const auto index = static_cast<uint32_t>(journal_.bots.size());
        journal_.bots.push_back({"bot" + std::to_string(index), dialect == Dialect::Classic});
        return index;
    }
    // Comes to the room and is certainly there.
    uint32_t member(Dialect dialect = Dialect::V2) {
        const uint32_t index = bot(dialect);
        comes(index);
        return index;
    }
    void comes(uint32_t who, uint16_t room = 0) {
        asks(who, room);
        add({.bot = who, .room = room, .kind = Kind::Joined});
    }
    void asks(uint32_t who, uint16_t room = 0) {
        add({.bot = who, .room = room, .kind = Kind::Join});
    }
    void says(uint32_t who, uint32_t number, uint16_t room = 0) {
        ++journal_.info.messages;
        add({.due = ++now_, .bot = who, .number = number, .room = room, .kind = Kind::Sent});
    }
    // Classic receivers see no seq: 0.
    void sees(uint32_t who, uint32_t sender, uint32_t number, uint64_t seq, uint16_t room = 0) {
        add({.seq = seq,
             .bot = who,
             .sender = sender,
             .number = number,
             .room = room,
             .kind = Kind::Received});
    }
    void does(uint32_t who, Kind kind, uint32_t number = kUnknown, std::string_view text = {}) {
        journal_.add({.ns = ++now_, .bot = who, .number = number, .room = 0, .kind = kind}, text);
    }
    void fileFrom(uint32_t sender) {
        journal_.files.push_back({"f.bin", std::string(64, 'a'), 10, sender, 0});
        does(sender, Kind::Upload, 0);
    }
    void seesFile(uint32_t who, uint32_t sender, Kind kind, uint64_t seq = 0) {
        add({.seq = seq, .bot = who, .sender = sender, .number = 0, .room = 0, .kind = kind});
    }
    void ends(std::string_view why = "settled") {
        journal_.add({.ns = ++now_, .kind = Kind::End}, why);
    }
    void add(Record record) {
        record.ns = ++now_;
        journal_.add(record);
    }
    // Nothing happens for a nanosecond.
    void skip() { ++now_; }
    Journal& journal() { return journal_; }

  private:
    Journal journal_;
    int64_t now_ = 0;
};

}  // namespace netchat::harness

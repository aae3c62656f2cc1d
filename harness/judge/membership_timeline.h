#pragma once

// Who was in which room when, as places in the journal's records. Pure.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "harness/journal/journal.h"

namespace netchat::harness {

inline constexpr size_t kNever = static_cast<size_t>(-1);

// One stay of one bot in one room.
struct Stay {
    enum class End {
        Open,    // there until the run ended
        Left,    // the room confirmed the leaving
        Closed,  // the bot closed its connection, all that it had said being sent
        Lost,    // the connection was lost, whatever was on its way with it
    };
    size_t asked = kNever;
    size_t there = kNever;    // certain from here on; kNever: it never became so
    size_t leaving = kNever;  // asked to leave, or the end itself
    size_t gone = kNever;
    End end = End::Open;
};

class MembershipTimelines {
  public:
    // Looks at the records before `end`: what is left after the run's end is not left early.
    MembershipTimelines(const Journal& journal, size_t end);

    const std::vector<Stay>& stays(uint32_t bot, uint16_t room) const;
    // The stay that `place` falls into, or null.
    const Stay* at(uint32_t bot, uint16_t room, size_t place) const;
    std::vector<uint16_t> roomsOf(uint32_t bot) const;
    bool wasAnywhere(uint32_t bot) const;

  private:
    static uint64_t key(uint32_t bot, uint16_t room) { return uint64_t{bot} << 16 | room; }
    void take(const Record& record, size_t place);
    void endAll(uint32_t bot, size_t place, Stay::End how);

    std::unordered_map<uint64_t, std::vector<Stay>> stays_;
    std::vector<std::vector<uint16_t>> rooms_;  // by bot
};

}  // namespace netchat::harness

#pragma once

// Which entries of its rooms' logs a program was told in this run, so that it can acknowledge
// nothing else: a number alone means another entry once a log was restored. Pure.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "modes/client/event.h"
#include "protocol/result.h"

namespace netchat::bot {

class ToldEntries {
  public:
    // To be called for each event that was told, in order; `inPage`: it is of a page of history.
    void follow(const client::Event& event, bool inPage);
    // Whether the room's log was told up to `seq`, and this entry has this id; empty: whatever it
    // has. Of entries older than the newest kIdsMax the id is not known, and any will do.
    Status check(std::string_view room, uint64_t seq, std::string_view id) const;

    static constexpr size_t kIdsMax = 1000;

  private:
    struct Room {
        uint64_t last = 0;
        std::deque<std::pair<uint64_t, std::string>> ids;  // by ascending seq
    };
    std::map<std::string, Room, std::less<>> rooms_;
};

}  // namespace netchat::bot

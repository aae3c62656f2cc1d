#pragma once

// A room as the hub has it: who is in it, and what is to be published there. The hub's thread only.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/hub/effects.h"
#include "modes/serve/hub/publisher.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/names/user.h"
#include "protocol/dialect.h"
#include "protocol/result.h"

namespace netchat::serve {

class Moderation;

struct Room {
    RoomId id;
    std::string name;
    Publisher publisher;
    std::vector<User*> members;                    // by number
    std::vector<uint32_t> perShard;                // members on each loop
    std::array<uint32_t, kDialects> perDialect{};  // members of each dialect
    AddressKey maker = kUncounted;                 // who counts it as made
    size_t drafts = 0;  // that the log has not answered: they keep the room

    bool isInUse() const { return !members.empty() || drafts > 0; }

    // The dialects for which something published here is encoded.
    Publisher::Wanted wanted() const;
};

// The page of `users`, by ascending number, after `after` and up to `most`; with the cloaks of
// their addresses where `cloaks` is given, for an operator.
std::vector<MemberInfo> rosterOf(const std::vector<User*>& users, UserId after, size_t most,
                                 const Moderation* cloaks, bool& more);

Error notInRoom(std::string_view room);

}  // namespace netchat::serve

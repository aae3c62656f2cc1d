#pragma once

// What a user needs to go on as the same one in another Client, of this process or a later one.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/file_list.h"
#include "modes/client/unacked_queue.h"
#include "protocol/log_places.h"

namespace netchat::client {

// The durability of a server that forgets its users when it ends.
inline constexpr std::string_view kForgetful = "memory";

struct Resume {
    std::string secret;  // nobody but the user and the server may know it
    uint64_t user = 0;
    std::string nick;
    uint64_t lastId = 0;  // ids up to this one were given to what was said
    struct Room {
        std::string name;
        uint64_t last;  // the seq of the newest entry told: a join without `since` goes on there
        LogPlaces read = {};  // under which identities of the log; the newest up to `last`
    };
    std::vector<Room> rooms;
    std::vector<Said> said;             // what has not come back: it is said again, with its ids
    std::vector<KnownFile> files = {};  // what was to be fetched and has not come
};

}  // namespace netchat::client

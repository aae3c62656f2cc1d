#pragma once

// What the one node that may write knows of its log on PostgreSQL without asking: rooms and how far
// they go, users, nicks, what operators have ruled. It is read once, when the node has the lease;
// since then nobody else changes any of it. About 300 bytes for each user that the log ever had.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/store/postgres/postgres_connection.h"
#include "modes/store/room_log.h"
#include "modes/store/sanction_store.h"
#include "modes/store/user_log.h"
#include "protocol/result.h"

namespace netchat::store {

// One thread, the log's owner.
struct PostgresMirror {
    struct Room {
        int64_t number = 0;
        Range range;
        uint64_t bytes = 0;
        int64_t oldestMs = -1;  // the time of the first kept entry; -1: not known
        bool made = true;       // in the database; not: with its first entry
    };
    struct User {
        std::string nick, proof;  // as proofOfSecret()
    };
    using Rooms = std::map<std::string, Room, std::less<>>;

    // Everything, by one connection that has just got the lease.
    static Result<PostgresMirror> load(PostgresConnection& connection);

    const Room* find(std::string_view room) const;
    // One that is not there gets its number.
    Room& at(std::string_view room);
    // Entries that were ever appended, in all rooms.
    uint64_t total() const;
    // The proof that a user to come has, who may have been welcomed just before an end.
    std::string_view preparedProof(uint64_t number) const;
    // As RoomLog's.
    std::optional<uint64_t> sharedWith(std::string_view identity, std::string_view room) const;

    Rooms rooms;  // none is ever taken out
    int64_t lastRoom = 0;
    std::unordered_map<uint64_t, User> users;
    // Of users to come: the first number, and the secrets' SHA-256 one after the other.
    std::map<uint64_t, std::string> prepared;
    uint64_t usersGiven = 0;
    std::vector<NickRecord> nicks;                                 // as they were at the start
    std::vector<Sanction> sanctions;                               // the same
    std::vector<std::pair<int64_t, std::string>> identities;       // the last one is the log's
    std::map<std::pair<int64_t, int64_t>, uint64_t> identityEnds;  // (identity, room) -> last
};

}  // namespace netchat::store

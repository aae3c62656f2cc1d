#pragma once

// What the hub answers: per loop one batch, in the order in which it happened. A session's
// subscription in a room begins exactly where the batch says Subscribed, between the publications
// around it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "modes/serve/hub/publication.h"
#include "modes/serve/moderation/bans.h"
#include "protocol/result.h"

namespace netchat::serve {

struct MemberInfo {
    std::string nick;
    UserId user;
    Dialect dialect;
    std::string cloak = {};  // for operators
};

struct Greeted {
    SessionId session;
    UserId user;
    std::string nick, secret;
    std::string_view durability;
    std::string_view log;  // the log's identity, which lives as long as the log
    bool guest = false;
};
struct Subscribed {
    SessionId session;
    RoomId room;
    std::string name;
    uint64_t seq;      // the last entry of the log
    uint64_t nextSeq;  // the first entry that is owed: seq + 1, or earlier with `since`
    uint64_t members;
    std::vector<MemberInfo> roster;
    std::string_view log = {};            // the log's identity
    std::optional<uint64_t> common = {};  // where the session has read more than it has in common
};
struct Unsubscribed {
    SessionId session;
    RoomId room;
    uint64_t seq;
    bool told;  // the session asked for it and is answered, or it has a reason
    std::string reason = {};
};
struct Published {
    std::shared_ptr<const Publication> publication;
};
// The session said this before (the same id): it is in the log already. Encoded for the session.
// `offered`: it answers an Offer, and a file that may be in the log has no bytes yet.
struct SaidBefore {
    SessionId session;
    std::string bytes;
    bool offered = false;
};
struct Told {
    SessionId session;
    UserId user;
    std::string from, to, id, text;
    int64_t time;
};
struct Renamed {
    SessionId session;
    std::string nick;
};
struct RosterReady {
    SessionId session;
    std::string room;
    uint64_t members;
    bool more;
    std::vector<MemberInfo> roster;
};
struct RoomInfo {
    std::string name;
    uint64_t members, seq;
};
struct RoomsReady {
    SessionId session;
    uint64_t count;
    std::vector<RoomInfo> rooms;
};
struct HistoryReady {
    SessionId session;
    std::string room;
    Page page;
};
struct SearchReady {
    SessionId session;
    std::string room;
    Page page;
};
struct CaughtUp {
    SessionId session;
    RoomId room;
    uint64_t seq;  // as asked
    Page page;
};
struct OfferAllowed {
    SessionId session;
    std::string room, id, name, sha256;
    uint64_t size;
};
// All that the session asked has been answered, as far as the hub does it.
struct BarrierReached {
    SessionId session;
};
// The same, and it is a user no longer.
struct Departed {
    SessionId session;
};
struct Refused {
    SessionId session;
    Error error;
    std::string_view re;  // a verb's name, static
    std::string id, room, nick;
    bool fatal = false;     // the session ends
    bool wasEntry = false;  // it was to become an entry of the log
};

// From whoever runs the server: to one session, or (0) to all users.
struct Notice {
    SessionId session;
    std::shared_ptr<const std::string> text;
};
// What an operator ordered from the chat is done.
struct Operated {
    SessionId session;
    std::string_view act;  // static
    std::string target, text;
};
// Whoever comes from there is to go.
struct Expel {
    std::shared_ptr<const AddressBan> ban;
};
// The log has not answered too much of what the session has said: it is not read from now on, or is
// again.
struct Hold {
    SessionId session;
    bool on;
};
// Answered by SnapshotTaken. `each`: with every connection.
struct SnapshotRequest {
    uint64_t ticket;
    bool each;
};

using Effect =
    std::variant<Greeted, Subscribed, Unsubscribed, Published, SaidBefore, Told, Renamed,
                 RosterReady, RoomsReady, HistoryReady, SearchReady, CaughtUp, OfferAllowed,
                 BarrierReached, Departed, Refused, Notice, Operated, Hold, Expel, SnapshotRequest>;
using EffectBatch = std::vector<Effect>;

}  // namespace netchat::serve

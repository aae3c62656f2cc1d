#pragma once

// What an operator may order, by whatever way it comes, and what the answer is.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/result.h"

namespace netchat::serve {

enum class AdminAction : uint8_t {
    // Questions.
    Who,
    Rooms,
    Bans,
    Stats,
    // What an operator in the chat may do as well.
    Kick,
    Ban,
    Unban,
    Mute,
    Unmute,
    CloseRoom,
    OpenRoom,
    // What only the owner of the data folder may do.
    Motd,
    Drain,
    Op,
    Deop,
    FreeNick,
    Reload,
    RemoveFile,
    // The same, of what takes a while.
    PurgeRoom,
    PurgeUser,
    RemoveRoom,
};

// "close-room".
std::string_view actionName(AdminAction act);
std::optional<AdminAction> actionNamed(std::string_view name);
inline bool isQuestion(AdminAction act) {
    return act <= AdminAction::Stats;
}
inline bool takesLong(AdminAction act) {
    return act >= AdminAction::PurgeRoom;
}
inline bool isForChat(AdminAction act) {
    return act >= AdminAction::Kick && act <= AdminAction::OpenRoom;
}

struct AdminCommand {
    AdminAction act = AdminAction::Who;
    std::string target = {};               // a nick, an address, a cloak, a room
    std::optional<std::string> text = {};  // a reason; of motd the text, and without it a question
    int64_t forMs = 0;                     // 0: until it is taken back
    bool address = false;                  // of a ban of a nick: its address as well
    bool force = false;                    // of a ban: also where it concerns an operator, or most
    uint64_t user = 0;                     // who orders it in the chat; 0: it comes from ctl
    int64_t beforeMs = 0;                  // of a purge: Unix time, only what is older; 0: all
};

// One line of an answer.
using Cell = std::variant<std::string, int64_t, bool, std::vector<std::string>>;
using Row = std::vector<std::pair<const char*, Cell>>;

struct Answer {
    Status status = Ok{};
    std::string text = {};  // a sentence
    std::vector<Row> rows = {};
};

// What a loop knows of its connections that the hub does not.
struct ConnectionSnapshot {
    uint64_t session;
    std::string peer;
    bool secure;
};
struct ConnectionSnapshots {
    size_t connections = 0;
    std::vector<ConnectionSnapshot> each;  // where it was asked for
};

}  // namespace netchat::serve

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

enum class Act : uint8_t {
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
std::string_view actName(Act act);
std::optional<Act> actNamed(std::string_view name);
inline bool isQuestion(Act act) {
    return act <= Act::Stats;
}
inline bool takesLong(Act act) {
    return act >= Act::PurgeRoom;
}
inline bool isForChat(Act act) {
    return act >= Act::Kick && act <= Act::OpenRoom;
}

struct Order {
    Act act = Act::Who;
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
struct Sight {
    uint64_t session;
    std::string peer;
    bool secure;
};
struct Sights {
    size_t connections = 0;
    std::vector<Sight> each;  // where it was asked for
};

}  // namespace netchat::serve

#pragma once

// An event that outlives its callback: what queues hold, what expectations are matched against and
// what reports and --listen show. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/event.h"

namespace netchat::bot {

// Which event it was; those that an expectation could not ask for are not kept.
enum class EventKind {
    Connected,
    Reconnecting,
    Disconnected,
    Joined,
    Left,
    Presence,
    Named,
    Roster,
    RoomList,
    Message,
    File,
    Confirmed,
    Gap,
    LogChanged,
    HistoryPage,
    HistoryEnd,
    SearchPage,
    SearchEnd,
    Private,
    FileReceived,
    FileFailed,
    Uploaded,
    Notice,
    Refused,
};

// Flat, since scripts ask for fields by name.
struct EventRecord {
    EventKind kind = EventKind::Message;
    std::string room, from, to, was, state, text, name, path, sha256, id, code, re;
    uint64_t seq = 0, size = 0, members = 0, first = 0, last = 0;
    int64_t time = 0;     // when it was said, Unix milliseconds; 0 where unknown
    int64_t heardMs = 0;  // when it came here, milliseconds since the bot was started
    bool own = false;     // this bot said it, or did it
    bool history = false;
    bool unseen = false;             // an entry of a room's log, until a step has used it
    bool more = false;               // another part of the same answer follows
    std::vector<std::string> names;  // a roster's nicks, or the names of rooms

    // What it costs to keep, about.
    size_t bytes() const;
};

// `self`: the bot's nick at this moment. Presence gets its nick as `from`; rosters and lists of
// rooms their names, joined by spaces, as `text`; LogChanged its `common` as `seq`. Nothing for
// Progress and Pong, which tell nothing that an expectation could ask for.
std::optional<EventRecord> record(const client::Event& event, std::string_view self,
                                  int64_t heardMs = 0);

// One neutralised line: "msg lobby #4 alice: hello".
std::string described(const EventRecord& event);

}  // namespace netchat::bot

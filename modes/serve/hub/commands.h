#pragma once

// What sessions ask of the hub. A loop collects a turn's commands in one batch; their texts lie in
// the batch's arena, so that a message costs no allocation of its own.
//
//     session --Command--> CommandBatch --(one post per turn)--> hub

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/limits.h"
#include "modes/serve/moderation/admin_command.h"
#include "modes/serve/moderation/reload.h"
#include "modes/store/kept_entry.h"
#include "modes/store/room_log.h"
#include "modes/store/searcher.h"
#include "protocol/dialect.h"

namespace netchat::serve {

// Keeps copies of texts at stable places until it is destroyed.
class Arena {
  public:
    std::string_view keep(std::string_view text) {
        if (text.empty()) return {};
        if (text.size() > left_) grow(text.size());
        char* const place = next_;
        std::memcpy(place, text.data(), text.size());
        next_ += text.size();
        left_ -= text.size();
        return {place, text.size()};
    }

  private:
    void grow(size_t need) {
        const size_t size = need > blockSize_ ? need : blockSize_;
        blocks_.push_back(std::make_unique<char[]>(size));
        next_ = blocks_.back().get();
        left_ = size;
        if (blockSize_ < size_t{64} * 1024) blockSize_ *= 2;
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = nullptr;
    size_t left_ = 0;
    size_t blockSize_ = 1024;
};

struct Greet {
    SessionId session;
    Dialect dialect;
    std::string_view nick;
    std::string_view secret;  // of an earlier welcome, or empty
    AddressKey address = kUncounted;
    AddressKey host = kUncounted;  // where it comes from, whether it is counted or not
    bool guest = false;            // no nick is to be kept for it
};
struct Join {
    SessionId session;
    std::string_view room;
    std::optional<uint64_t> since;
    AddressKey address = kUncounted;
    std::string_view log = {};  // under which identities it was read: LogPlaces
};
struct Leave {
    SessionId session;
    std::string_view room;
};
struct Say {
    SessionId session;
    std::string_view room, id, text;
};
struct Tell {
    SessionId session;
    std::string_view to, id, text;
};
struct Rename {
    SessionId session;
    std::string_view nick;
    AddressKey address = kUncounted;
};
struct AskWho {
    SessionId session;
    std::string_view room;  // empty: the whole server
    UserId after;
};
struct AskRooms {
    SessionId session;
};
struct AskHistory {
    SessionId session;
    std::string_view room;
    uint64_t before, limit;
};
struct AskSearch {
    SessionId session;
    std::string_view room, words;
    uint64_t before, limit;
};
// What a search found, for the session that asked.
struct Searched {
    SessionId session;
    std::string room;
    Result<store::SearchResult> result;
};
// May this file be sent to this room? Answered by OfferAllowed or Refused, before any byte is.
struct Offer {
    SessionId session;
    std::string_view room, id, name;
    uint64_t size;
    std::string_view sha256;
    bool limited = false;  // the day's quota is for this user
    AddressKey address = kUncounted;
};
// The store has the file, verified: announce it.
struct DropFile {
    SessionId session;
    std::string_view room, id, name;
    uint64_t size;
    std::string_view sha256;
};
// The session is behind the tail: give it a page of the log from `seq`.
struct CatchUp {
    SessionId session;
    RoomId room;
    uint64_t seq;
};
// Answered by BarrierReached, when all that the session asked before has been answered.
struct Barrier {
    SessionId session;
};
struct Gone {
    SessionId session;
};

// An operator's command from the chat.
struct Operate {
    SessionId session;
    std::string_view act, target, text;
    uint64_t seconds;
    AddressKey address = kUncounted;
};
// An order from outside the chat; answered by its ticket.
struct AdminRequest {
    uint64_t ticket;
    unsigned uid;  // who ordered it
    std::shared_ptr<const AdminCommand> order;
};
// What a loop sees, for whoever asked by SnapshotRequest.
struct SnapshotTaken {
    uint64_t ticket;
    ConnectionSnapshots snapshots;
};
// What became of the batch of drafts that was under way to the log.
struct LogAnswered {
    Result<std::vector<store::Appended>> outcome;
};
// What was read of the log, for whom the ticket says.
struct LogRead {
    uint64_t ticket;
    Result<std::vector<store::KeptEntry>> outcome;
};
// Limits that were read again.
struct LimitsChanged {
    std::shared_ptr<const Limits> limits;
};
// What came of reading the settings again.
struct Reloaded {
    std::shared_ptr<const ReloadDone> done;
};

using Command =
    std::variant<Greet, Join, Leave, Say, Tell, Rename, AskWho, AskRooms, AskHistory, AskSearch,
                 Searched, Offer, DropFile, CatchUp, Barrier, Gone, Operate, AdminRequest,
                 SnapshotTaken, LogAnswered, LogRead, LimitsChanged, Reloaded>;

// Whose it is; 0: no session's.
inline SessionId sessionOf(const Command& command) {
    return std::visit(
        [](const auto& c) -> SessionId {
            if constexpr (requires { c.session; }) return c.session;
            return 0;
        },
        command);
}

struct CommandBatch {
    std::vector<Command> commands;
    Arena arena;
    bool empty() const { return commands.empty(); }
};

}  // namespace netchat::serve

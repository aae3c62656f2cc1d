#pragma once

// A draft of which the log does not know whether it has it. It owns its texts: its author may be
// gone, and its room may be empty, when that is known.

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/serve/base/ids.h"
#include "modes/store/room_log.h"
#include "protocol/dialect.h"

namespace netchat::serve {

struct UnsureDraft {
    UnsureDraft(SessionId whose, Dialect spoken, std::string_view asked, const store::Draft& draft)
        : session(whose),
          dialect(spoken),
          verb(asked),
          kind(draft.entry.kind),
          time(draft.entry.time),
          user(draft.entry.user),
          size(draft.entry.size),
          room(draft.room),
          id(draft.entry.id),
          from(draft.entry.from),
          text(draft.entry.text),
          sha256(draft.entry.sha256) {}

    // Views of this.
    store::Draft draft() const {
        return {room, {kind, 0, time, user, id, from, text, sha256, size}};
    }

    SessionId session;
    Dialect dialect;
    std::string_view verb;  // static
    store::EntryKind kind;
    int64_t time;
    uint64_t user, size;
    std::string room, id, from, text, sha256;
};

}  // namespace netchat::serve

#pragma once

// How the hub uses a log that may take longer than a turn: what it appends, looks up and reads goes
// out, and the outcome comes back, at once or as a command. One batch is under way at a time, so
// that the order of a user's entries is theirs; what is said meanwhile is the next batch. Reads are
// answered in any order.
//
//     hub --DraftBatch---> port --(the log, a disk, another machine)--> LogAnswered --> hub
//     hub --ReadRequest--> port ---------------------------------------> LogRead -----> hub
//
// Until the outcome is given back, nothing of a batch may be seen in the RoomLog: neither its
// entries, nor a range that counts them, nor an id that was said with it. What is not known is not
// an outcome: the port tries the same drafts with the same ids again until it is, and answers as
// the first try should have. So an error says that no draft of the batch was appended with it, nor
// ever will be.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/serve/hub/commands.h"
#include "modes/store/kept_entry.h"
#include "modes/store/room_log.h"

namespace netchat::serve {

struct DraftBatch {
    std::vector<store::Draft> drafts;
    // By draft: whether it is not to be appended. Its outcome is where its user has said it (a
    // duplicate), or seq 0 for never, as for one without an id. Empty: all are to be appended.
    std::vector<bool> lookUps;
    std::shared_ptr<const Arena> texts;  // the drafts'

    bool isLookUp(size_t draft) const { return !lookUps.empty() && lookUps[draft]; }
};

// Kept entries of [from, end), at least one if there is one; oldest first in the answer. What is
// missing is there as Lost.
struct ReadRequest {
    std::string room;
    uint64_t from = 1, end = 1;
    size_t entriesMax = 1;
    size_t bytesMax = 1;  // of the texts: no more is taken when they are so many
    bool newest = false;  // where it is bounded, the ones nearest to `end` are taken
};

// The hub's thread calls it, and gives it its answers. None of them is given within a call.
class LogPort {
  public:
    using Outcome = Result<std::vector<store::Appended>>;
    using ReadOutcome = Result<std::vector<store::KeptEntry>>;

    virtual ~LogPort() = default;
    // None: it comes as LogAnswered. The batch may be read on any thread.
    virtual std::optional<Outcome> append(std::shared_ptr<const DraftBatch> batch) = 0;
    // None: it comes as LogRead with this ticket.
    virtual std::optional<ReadOutcome> read(uint64_t ticket, ReadRequest request) = 0;
};

}  // namespace netchat::serve

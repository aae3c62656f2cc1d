#pragma once

// How the hub appends where that may take longer than a turn: a batch of drafts goes out, and its
// outcome comes back, at once or as the command LogAnswered. One batch is under way at a time, so
// that the order of a user's entries is theirs; what is said meanwhile is the next batch.
//
//     hub --DraftBatch--> port --(the log, a disk, another machine)--> LogAnswered --> hub
//
// Until the outcome is given back, nothing of the batch may be seen in the RoomLog: neither its
// entries, nor a range that counts them, nor an id that was said with it. What is not known is not
// an outcome: the port tries the same drafts with the same ids again until it is, and answers as
// the first try should have.

#include <memory>
#include <optional>
#include <vector>

#include "modes/serve/hub/commands.h"
#include "modes/store/room_log.h"

namespace netchat::serve {

struct DraftBatch {
    std::vector<store::Draft> drafts;
    std::vector<std::shared_ptr<const CommandBatch>> held;  // whose arenas their texts lie in
};

class LogPort {
  public:
    using Outcome = Result<std::vector<store::Appended>>;

    virtual ~LogPort() = default;
    // On the hub's thread. None: it comes later. The batch may be read on any thread.
    virtual std::optional<Outcome> append(std::shared_ptr<const DraftBatch> batch) = 0;
};

}  // namespace netchat::serve

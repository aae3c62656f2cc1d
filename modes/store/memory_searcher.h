#pragma once

// Searches a log by reading it backwards: for a log in memory, which is bounded.

#include "modes/store/room_log.h"
#include "modes/store/searcher.h"

namespace netchat::store {

// The log's thread; answers before search() returns. Looks at the newest part of a room only
// (limits::kSearchedEntriesMax and kSearchedBytesMax), since the log's owner waits meanwhile.
class MemorySearcher : public Searcher {
  public:
    explicit MemorySearcher(const RoomLog& log) : log_(log) {}
    void search(SearchQuery query, Done done) override;

  private:
    const RoomLog& log_;
};

}  // namespace netchat::store

#pragma once

// Finds what was said by the words in it. Apart from the room log, because searching may take as
// long as it takes and the log's owner must not wait.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "modes/store/kept_entry.h"
#include "protocol/result.h"

namespace netchat::store {

struct SearchQuery {
    std::string room;
    std::string words;    // each must be a part of the text, without regard to case and accents
    uint64_t before = 0;  // entries with a smaller seq; 0: the newest
    size_t limit = 20;
};

struct SearchResult {
    std::vector<KeptEntry> entries;  // oldest first
    std::vector<uint64_t> lost;      // that may be among them, and are damaged
    bool more = false;               // there are older ones, or there may be
    // The oldest entry that was looked at, where looking ended before the beginning; otherwise 0.
    uint64_t lookedTo = 0;
};

class Searcher {
  public:
    virtual ~Searcher() = default;
    // Called on the log's thread. `done` runs once, on any thread, perhaps before this returns.
    // BadText: there is no word in the query.
    using Done = std::function<void(Result<SearchResult>)>;
    virtual void search(SearchQuery query, Done done) = 0;
};

}  // namespace netchat::store

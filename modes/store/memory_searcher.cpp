#include "modes/store/memory_searcher.h"

#include "modes/store/search_walk.h"
#include "modes/store/search_words.h"

namespace netchat::store {

void MemorySearcher::search(SearchQuery query, Done done) {
    const auto words = wordsOf(query.words);
    if (words.empty()) {
        return done(Error{ErrorCode::BadText, "there is no word to search for"});
    }
    const auto read = [&](uint64_t seq, const RoomLog::Visitor& visit) {
        return log_.read(query.room, seq, visit);
    };
    done(searchByReading({log_.range(query.room), read}, query, words));
}

}  // namespace netchat::store

#include "modes/store/postgres/postgres_searcher.h"

#include <utility>

#include "modes/store/search_walk.h"
#include "modes/store/search_words.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

// As many as the walk looks at in one of its steps.
constexpr size_t kEntriesAtOnce = 256;

}  // namespace

PostgresSearcher::PostgresSearcher(const PostgresLog& log)
    : log_(log), worker_(log.target(), "searcher", [](const std::string&) {}) {
    worker_.start();
}

void PostgresSearcher::search(SearchQuery query, Done done) {
    auto words = wordsOf(query.words);
    if (words.empty()) {
        return done(Error{ErrorCode::BadText, "there is no word to search for"});
    }
    const Range kept = log_.range(query.room);
    const int64_t number = log_.numberOf(query.room);
    worker_.add([kept, number, query = std::move(query), words = std::move(words),
                 done = std::move(done)](PostgresConnection& connection, std::string& why) {
        const auto page = [&](uint64_t from) -> Result<std::vector<KeptEntry>> {
            const PostgresRead request{from, kept.last + 1, kEntriesAtOnce,
                                       limits::kSearchedBytesMax};
            const auto entries = readPostgres(connection, number, request, why);
            return entries ? *entries : Error{ErrorCode::BadState, why};
        };
        const auto read = [&](uint64_t seq, const RoomLog::Visitor& visit) {
            return visitPages(seq, kept.last, page, visit);
        };
        auto found = searchByReading({kept, read}, query, words);
        if (!found && !connection.isOpen()) return false;
        done(std::move(found));
        return true;
    });
}

}  // namespace netchat::store

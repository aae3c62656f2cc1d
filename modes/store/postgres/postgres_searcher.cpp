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
        const auto read = [&](uint64_t seq, const RoomLog::Visitor& visit) -> Status {
            while (seq <= kept.last) {
                const PostgresRead request{seq, kept.last + 1, kEntriesAtOnce,
                                           limits::kSearchedBytesMax};
                const auto entries = readPostgres(connection, number, request, why);
                if (!entries) return Error{ErrorCode::BadState, why};
                if (!*entries) return entries->error();
                for (const KeptEntry& entry : **entries) {
                    if (!visit(entry.view())) return Ok{};
                    seq = entry.seq + (entry.kind == EntryKind::Lost ? entry.size : 1);
                }
            }
            return Ok{};
        };
        auto found = searchByReading({kept, read}, query, words);
        if (!found && !connection.isOpen()) return false;
        done(std::move(found));
        return true;
    });
}

}  // namespace netchat::store

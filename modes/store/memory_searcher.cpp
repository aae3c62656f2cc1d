#include "modes/store/memory_searcher.h"

#include <algorithm>

#include "modes/store/search_words.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

// Entries that are read at a time, oldest first, on the way back.
constexpr uint64_t kStep = 256;

KeptEntry keep(const Entry& e) {
    return {e.kind,
            e.seq,
            e.time,
            e.user,
            std::string(e.id),
            std::string(e.from),
            std::string(e.text),
            std::string(e.sha256),
            e.size};
}

class Walk {
  public:
    Walk(const RoomLog& log, const SearchQuery& query, std::vector<std::string> words)
        : log_(log), query_(query), words_(std::move(words)) {}

    Result<SearchResult> run() {
        const Range kept = log_.range(query_.room);
        uint64_t end = query_.before == 0 ? kept.last + 1 : std::min(query_.before, kept.last + 1);
        while (end > kept.first && goesOn()) {
            const uint64_t begin = end - std::min(kStep, end - kept.first);
            auto status = look(begin, end);
            if (!status) return status.error();
            end = begin;
        }
        auto& entries = result_.entries;
        result_.more = entries.size() > query_.limit;
        if (result_.more) {
            entries.resize(query_.limit);
        } else if (end > kept.first) {
            result_.more = true;
            result_.lookedTo = end;
        }
        std::reverse(entries.begin(), entries.end());
        return std::move(result_);
    }

  private:
    // One more than asked for tells that there are more.
    bool goesOn() const {
        return result_.entries.size() <= query_.limit && entries_ < limits::kSearchedEntriesMax &&
               bytes_ < limits::kSearchedBytesMax;
    }
    Status look(uint64_t begin, uint64_t end) {
        std::vector<KeptEntry> found;
        auto status = log_.read(query_.room, begin, [&](const Entry& entry) {
            if (entry.seq >= end) return false;
            ++entries_;
            bytes_ += entry.text.size();
            if (contains(folded(searchedText(entry.kind, entry.text)), words_))
                found.push_back(keep(entry));
            return true;
        });
        std::move(found.rbegin(), found.rend(), std::back_inserter(result_.entries));
        return status;
    }

    const RoomLog& log_;
    const SearchQuery& query_;
    const std::vector<std::string> words_;
    SearchResult result_;  // newest first, until it is complete
    size_t entries_ = 0, bytes_ = 0;
};

}  // namespace

void MemorySearcher::search(SearchQuery query, Done done) {
    auto words = wordsOf(query.words);
    if (words.empty()) {
        return done(Error{ErrorCode::BadText, "there is no word to search for"});
    }
    done(Walk(log_, query, std::move(words)).run());
}

}  // namespace netchat::store

#include "modes/store/search_walk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/store/search_words.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

// Entries that are read at a time, oldest first, on the way back.
constexpr uint64_t kStep = 256;
// Damaged ones that are named.
constexpr size_t kLostMax = 100;

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
    Walk(const ReadableRoom& room, const SearchQuery& query, const std::vector<std::string>& words)
        : room_(room), query_(query), words_(words) {}

    Result<SearchResult> run() {
        const Range& kept = room_.kept;
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
        auto status = room_.read(begin, [&](const Entry& entry) {
            if (entry.seq >= end) return false;
            if (entry.kind == EntryKind::Lost) return passOver(entry, end);
            ++entries_;
            bytes_ += entry.text.size();
            if (contains(folded(searchedText(entry.kind, entry.text)), words_)) {
                found.push_back(keep(entry));
            }
            return true;
        });
        std::move(found.rbegin(), found.rend(), std::back_inserter(result_.entries));
        return status;
    }

    // Those that were taken out have a time; damaged ones may have had the words.
    bool passOver(const Entry& lost, uint64_t end) {
        const uint64_t after = std::min(end, lost.seq + lost.size);
        entries_ += after - lost.seq;
        for (uint64_t seq = lost.seq; lost.time == 0 && seq < after; ++seq) {
            if (result_.lost.size() >= kLostMax) break;
            result_.lost.push_back(seq);
        }
        return true;
    }

    const ReadableRoom& room_;
    const SearchQuery& query_;
    const std::vector<std::string>& words_;
    SearchResult result_;  // newest first, until it is complete
    size_t entries_ = 0, bytes_ = 0;
};

}  // namespace

Result<SearchResult> searchByReading(const ReadableRoom& room, const SearchQuery& query,
                                     const std::vector<std::string>& words) {
    return Walk(room, query, words).run();
}

}  // namespace netchat::store

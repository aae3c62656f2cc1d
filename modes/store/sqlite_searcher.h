#pragma once

// Searches a log on SQLite by an index of its own, which is derived: it can be removed at any time,
// and is made again from the log.
//
//     log.sqlite --(read only, in batches)--> search.sqlite: FTS5, rowid = room << 40 | seq
//
// A thread of low priority follows the log, a pause after it was told that the log grew, and
// answers, each question after it has indexed what the log had when it was asked. While nothing is
// said it sleeps.

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <thread>

#include "modes/mutex.h"
#include "modes/store/searcher.h"
#include "protocol/result.h"

namespace netchat::store {

// Any thread; answers come on the searcher's.
class SqliteSearcher : public Searcher {
  public:
    // `log` must exist. An index that is damaged, of another log or of another version is made
    // anew.
    // `pause`: for how long entries gather before they are indexed when nobody asks.
    SqliteSearcher(std::filesystem::path log, std::filesystem::path index,
                   std::chrono::milliseconds pause = std::chrono::seconds(1));
    // What is still asked is answered with an error.
    ~SqliteSearcher() override;

    // TooMany where limits::kSearchesWaitingMax wait.
    void search(SearchQuery query, Done done) override;
    // The log is going to lose entries, or has lost them. The index goes before, so that nothing of
    // it is found by the next start, whenever this one ends; questions wait until the end. To be
    // asked again until the index has gone: true. An error: it cannot be removed; whoever asks
    // again tries again.
    Result<bool> logShrinks(bool begins);
    // The log has more than it had; costs next to nothing while the searcher knows that already.
    void logGrew();

  private:
    class Index;
    struct Question {
        SearchQuery query;
        Done done;
    };
    enum class Shrinking {
        No,
        Asked,  // the index is to go
        Gone,   // it has
        Stuck   // it cannot be removed
    };

    void work();
    void removeIndex(std::unique_ptr<Index>& index) REQUIRES(mutex_);
    void follow(std::unique_ptr<Index>& index, MutexLock& lock) REQUIRES(mutex_);
    // The log shrinks, somebody asks, or all ends. With the lock.
    bool isDisturbed() const REQUIRES(mutex_) {
        return stopping_ || shrinking_ != Shrinking::No || !questions_.empty();
    }
    bool indexSome(std::unique_ptr<Index>& index);
    Result<SearchResult> answer(std::unique_ptr<Index>& index, const SearchQuery& query);
    Result<SearchResult> readThrough(const SearchQuery& query,
                                     const std::vector<std::string>& words);

    const std::filesystem::path logFile_, indexFile_;
    const std::chrono::milliseconds pause_;

    std::atomic<bool> grew_{true};  // since it looked; at first, since the index was written

    Mutex mutex_;
    Condition wake_;
    std::deque<Question> questions_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;
    Shrinking shrinking_ GUARDED_BY(mutex_) = Shrinking::No;
    std::string stuckText_ GUARDED_BY(mutex_);  // why

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace netchat::store

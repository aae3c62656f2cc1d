#pragma once

// Keeps the write-ahead log of a database short and on the disk, beside whoever writes it: both
// mean waiting for the disk, for which nobody who chats should wait.
//
//   writer   --(every kTellFrames pages)-->  keeper's thread: moves what there is, then the little
//                                            that came meanwhile, for which the writer waits
//            --(from kMaxFrames on)------->  the writer itself: the keeper is stuck, or a reader
//                                            held it up
//            --(kSyncMs after growth)----->  keeper's thread: syncs what was written
//
// A write-ahead log begins anew when all of it was moved and nothing was written meanwhile. Under a
// steady load there is no such moment by itself: therefore the keeper insists.

#include <Poco/Data/Session.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <thread>

#include "modes/mutex.h"

struct sqlite3;

namespace netchat::store {

class WalKeeper {
  public:
    // Whether the keeper syncs what was written, or each commit has done so already.
    enum class Sync { Background, ByCommit };
    // What a power cut may take is at most so old, and a sync's time besides.
    static constexpr std::chrono::milliseconds kSyncMs{3000};

    // `writer`, a session on `file`, outlives this and is used by one thread.
    // `tell`: what fails and how it ends, each once. On the keeper's thread.
    using Tell = std::function<void(const std::string& text)>;
    WalKeeper(Poco::Data::Session& writer, std::filesystem::path file, Sync sync, Tell tell = {},
              std::chrono::milliseconds syncMs = kSyncMs);
    ~WalKeeper();
    WalKeeper(const WalKeeper&) = delete;
    WalKeeper& operator=(const WalKeeper&) = delete;

    // Who has moved pages, and how often. Any thread.
    struct Counts {
        uint64_t framesByKeeper = 0, framesByWriter = 0;  // that were moved
        uint64_t whole = 0;  // how often the keeper has left nothing to move
        uint64_t syncs = 0;
    };
    Counts counts() const;
    // Returns when they are as wanted, or at the deadline; the counts then. Any thread.
    using Wanted = std::function<bool(const Counts& counts)>;
    Counts waitFor(const Wanted& wanted, std::chrono::milliseconds most) const;

  private:
    class Hand;

    void committed(int frames);
    void work();
    void moveByWriter();
    void moveIn(Hand& hand);
    void syncIn(Hand& hand);
    void count(const std::function<void(Counts& counts)>& change);
    void failed(const std::string& text);

    Poco::Data::Session& writer_;
    const std::filesystem::path file_;
    const Sync sync_;
    const Tell tell_;
    const std::chrono::milliseconds syncMs_;
    int toldAt_ = 0;        // the writer's thread only
    bool failing_ = false;  // the keeper's thread only
    std::atomic<bool> unsynced_{false};

    mutable Mutex mutex_;
    mutable Condition wake_, counted_;
    Counts counts_ GUARDED_BY(mutex_);
    bool told_ GUARDED_BY(mutex_) = false;  // the log is long enough to be moved
    bool grew_ GUARDED_BY(mutex_) = false, moving_ GUARDED_BY(mutex_) = false,
               stopping_ GUARDED_BY(mutex_) = false;

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace netchat::store

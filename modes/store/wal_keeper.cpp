#include "modes/store/wal_keeper.h"

#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "modes/store/opened_names.h"
#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;

// 4 MiB: what is begun anew so often stays in the processor's reach, and is read again after a kill
// in a few milliseconds. Each time costs four syncs: half as many frames cost twice as much.
constexpr int kTellFrames = 1000;
// 32 MiB.
constexpr int kMaxFrames = 8000;
// While the keeper insists it waits for readers no longer than this, since the writer waits for it.
constexpr int kInsistMs = 10;

sqlite3* databaseOf(const Poco::Data::Session& session) {
    return Poco::Data::SQLite::Utility::dbHandle(session);
}

struct Moved {
    bool done = false;       // SQLite has looked at the log, and has met no error
    int frames = 0, in = 0;  // in the log, and of them in the database
    bool whole() const { return done && frames == in; }
};

// A connection that has not read yet answers that there are -1 frames: it has not looked.
Moved checkpoint(sqlite3* database, int mode) {
    Moved moved;
    const int code = sqlite3_wal_checkpoint_v2(database, "main", mode, &moved.frames, &moved.in);
    moved.done = code == SQLITE_OK && moved.frames >= 0;
    return moved;
}

}  // namespace

namespace {

// What the writer has open, to each keeper's thread. Opening another file of this name, or making
// one, would take the write-ahead log of the writer for one without a database, and remove it.
thread_local OpenedNames writersFile;

Poco::Data::Session openBeside(const std::filesystem::path& file) {
    if (!writersFile.missing().empty()) {
        throw Poco::FileNotFoundException("it was removed or replaced");
    }
    return openSqlite(file);
}

}  // namespace

// The keeper's own connection, on its thread. Throws Poco::Exception.
class WalKeeper::Hand {
  public:
    explicit Hand(const std::filesystem::path& file) : session_(openBeside(file)) {
        database_ = databaseOf(session_);
        sqlite3_busy_timeout(database_, kInsistMs);
        // It opens the write-ahead log by reading.
        session_ << "SELECT count(*) FROM sqlite_master", into(tables_), now;
    }

    // How many frames it has moved since the last time.
    Moved move(int mode, uint64_t& frames) {
        const Moved moved = checkpoint(database_, mode);
        if (!moved.done) return moved;
        if (moved.in < before_ || moved.frames < before_) before_ = 0;  // it has begun anew
        frames += static_cast<uint64_t>(std::max(0, moved.in - before_));
        before_ = moved.in;
        return moved;
    }
    bool syncLog() { return sync(SQLITE_FCNTL_JOURNAL_POINTER); }

  private:
    bool sync(int which) {
        sqlite3_file* file = nullptr;
        sqlite3_file_control(database_, "main", which, &file);
        if (!file || !file->pMethods) return false;
        return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
    }

    Poco::Data::Session session_;
    sqlite3* database_ = nullptr;
    int tables_ = 0;
    int before_ = 0;
};

WalKeeper::WalKeeper(Poco::Data::Session& writer, std::filesystem::path file, Sync sync, Tell tell,
                     std::chrono::milliseconds syncMs)
    : writer_(writer),
      file_(std::move(file)),
      sync_(sync),
      tell_(std::move(tell)),
      syncMs_(syncMs) {
    const auto hook = [](void* self, sqlite3*, const char*, int frames) {
        static_cast<WalKeeper*>(self)->committed(frames);
        return SQLITE_OK;
    };
    // It takes the place of SQLite's own, by which the writer would move pages.
    sqlite3_wal_hook(databaseOf(writer_), hook, this);
    OpenedNames opened;
    opened.note({file_});
    thread_ = std::thread([this, opened] {
        writersFile = opened;
        work();
    });
}

WalKeeper::~WalKeeper() {
    sqlite3_wal_hook(databaseOf(writer_), nullptr, nullptr);
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notifyOne();
    thread_.join();
}

WalKeeper::Counts WalKeeper::counts() const {
    const MutexLock lock(mutex_);
    return counts_;
}

WalKeeper::Counts WalKeeper::waitFor(const Wanted& wanted, std::chrono::milliseconds most) const {
    MutexLock lock(mutex_);
    const auto end = std::chrono::steady_clock::now() + most;
    while (!wanted(counts_) && counted_.waitUntil(lock, end)) {
    }
    return counts_;
}

void WalKeeper::count(const std::function<void(Counts&)>& change) {
    const MutexLock lock(mutex_);
    change(counts_);
    counted_.notifyAll();
}

// On the writer's thread, after each commit.
void WalKeeper::committed(int frames) {
    const bool grew = sync_ == Sync::Background && !unsynced_.exchange(true);
    if (frames < toldAt_) toldAt_ = 0;  // it has begun anew
    const bool tells = frames >= toldAt_ + kTellFrames;
    if (!grew && !tells) return;
    if (tells) toldAt_ = frames;
    if (tells && frames >= kMaxFrames) moveByWriter();
    {
        const MutexLock lock(mutex_);
        told_ = told_ || tells;
        grew_ = grew_ || grew;
    }
    wake_.notifyOne();
}

// The keeper is given a second to end what it is at: two cannot move at a time.
void WalKeeper::moveByWriter() {
    {
        MutexLock lock(mutex_);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        while (moving_ && counted_.waitUntil(lock, end)) {
        }
    }
    const Moved moved = checkpoint(databaseOf(writer_), SQLITE_CHECKPOINT_PASSIVE);
    count([&](Counts& counts) {
        counts.framesByWriter += static_cast<uint64_t>(std::max(0, moved.in));
    });
}

void WalKeeper::work() {
    using Clock = std::chrono::steady_clock;
    std::unique_ptr<Hand> hand;
    constexpr auto kNever = Clock::time_point::max();
    Clock::time_point syncAt = kNever;
    MutexLock lock(mutex_);
    for (;;) {
        while (!stopping_ && !told_ && !grew_) {
            if (syncAt == kNever) {
                wake_.wait(lock);
            } else if (!wake_.waitUntil(lock, syncAt)) {
                break;
            }
        }
        if (stopping_) return;
        if (std::exchange(grew_, false)) syncAt = Clock::now() + syncMs_;
        moving_ = std::exchange(told_, false);
        const bool moves = moving_;
        const bool syncs = syncAt != kNever && Clock::now() >= syncAt;
        if (syncs) syncAt = kNever;
        lock.unlock();
        try {
            if (!hand) hand = std::make_unique<Hand>(file_);
            if (moves) moveIn(*hand);
            if (syncs) syncIn(*hand);
        } catch (const Poco::Exception& e) {
            hand.reset();
            failed("cannot open the log's write-ahead log: " + e.displayText());
        }
        lock.lock();
        moving_ = false;
        counted_.notifyAll();
    }
}

// The first pass moves nearly all of it beside the writer; the second moves what was written
// meanwhile, for which the writer waits. FULL rather than RESTART: that would keep the writer
// waiting for whoever reads.
void WalKeeper::moveIn(Hand& hand) {
    uint64_t frames = 0;
    (void)hand.move(SQLITE_CHECKPOINT_PASSIVE, frames);
    const bool whole = hand.move(SQLITE_CHECKPOINT_FULL, frames).whole();
    count([&](Counts& counts) {
        counts.framesByKeeper += frames;
        if (whole) ++counts.whole;
    });
}

void WalKeeper::syncIn(Hand& hand) {
    unsynced_ = false;  // before the sync: what is written meanwhile is for the next one
    if (hand.syncLog()) {
        if (std::exchange(failing_, false) && tell_) tell_("the log is synced again");
        return count([](Counts& counts) { ++counts.syncs; });
    }
    failed("the disk does not sync the log; a power cut may lose more than the last seconds");
    // What the kernel could not write once it may never try again: the pages go to the database,
    // from where they are synced.
    uint64_t frames = 0;
    (void)hand.move(SQLITE_CHECKPOINT_PASSIVE, frames);
    const MutexLock lock(mutex_);
    grew_ = unsynced_.exchange(true) ? grew_ : true;
}

void WalKeeper::failed(const std::string& text) {
    if (!std::exchange(failing_, true) && tell_) tell_(text);
}

}  // namespace netchat::store

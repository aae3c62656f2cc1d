#include "modes/store/wal_keeper.h"

#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>

#include <sqlite3.h>

#include <optional>
#include <utility>

#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace {

// 4 MiB: what is begun anew so often stays in the processor's reach, and is read again after a
// kill in a few milliseconds.
constexpr int kTellFrames = 1000;
// 32 MiB.
constexpr int kMaxFrames = 8000;
// Each leaves less than the one before, unless more is written all the time.
constexpr int kAttempts = 5;

sqlite3* databaseOf(const Poco::Data::Session& session) {
    return Poco::Data::SQLite::Utility::dbHandle(session);
}

// True when nothing is left. A failure leaves all for the next time: nothing is lost by it.
bool moveAll(sqlite3* database) {
    int frames = 0, moved = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    return code == SQLITE_OK && frames == moved;
}

}  // namespace

WalKeeper::WalKeeper(Poco::Data::Session& writer, std::filesystem::path file)
    : writer_(writer), file_(std::move(file)) {
    const auto hook = [](void* self, sqlite3*, const char*, int frames) {
        static_cast<WalKeeper*>(self)->committed(frames);
        return SQLITE_OK;
    };
    // It takes the place of SQLite's own, by which the writer would move pages.
    sqlite3_wal_hook(databaseOf(writer_), hook, this);
    thread_ = std::thread([this] { work(); });
}

WalKeeper::~WalKeeper() {
    sqlite3_wal_hook(databaseOf(writer_), nullptr, nullptr);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

// On the writer's thread, after each commit.
void WalKeeper::committed(int frames) {
    if (frames < toldAt_) toldAt_ = 0;  // it has begun anew
    if (frames < toldAt_ + kTellFrames) return;
    toldAt_ = frames;
    if (frames >= kMaxFrames) moveAll(databaseOf(writer_));
    {
        const std::lock_guard lock(mutex_);
        told_ = true;
    }
    wake_.notify_one();
}

void WalKeeper::work() {
    std::optional<Poco::Data::Session> session;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || told_; });
        if (stopping_) return;
        told_ = false;
        lock.unlock();
        try {
            if (!session) session.emplace(openSqlite(file_));
            sqlite3* const database = databaseOf(*session);
            for (int i = 0; i < kAttempts && !moveAll(database); ++i) {
            }
        } catch (const Poco::Exception&) {
            // The writer moves what this cannot.
        }
        lock.lock();
    }
}

}  // namespace netchat::store

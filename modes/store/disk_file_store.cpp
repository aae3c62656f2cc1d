#include "modes/store/disk_file_store.h"

#include <time.h>

#include <chrono>
#include <utility>

#include "modes/store/real_disk.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

// What comes within this time is synced together. A power cut takes what was kept in it and while
// the sync behind it ran: 5 s in all, on a disk that keeps up.
constexpr int64_t kSyncBehindMs = 3'000;

// Unix time.
int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t threadCpuNs() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

}  // namespace

Result<std::unique_ptr<DiskFileStore>> DiskFileStore::open(const std::filesystem::path& folder,
                                                           FileVault::Options options) {
    auto disk = RealDisk::open(folder, {"incoming"});
    if (!disk) return disk.error();
    if (options.kept) options.cpuNs = threadCpuNs;
    return std::unique_ptr<DiskFileStore>(new DiskFileStore(std::move(*disk), std::move(options)));
}

DiskFileStore::DiskFileStore(std::unique_ptr<Disk> disk, FileVault::Options options)
    : disk_(std::move(disk)), vault_(*disk_, options, nowMs()) {
    worker_ = std::thread([this] { work(); });
    if (options.files.sync != FileSync::No) syncer_ = std::thread([this] { syncBehind(); });
}

// The worker may keep a last file, so the syncer ends after it.
DiskFileStore::~DiskFileStore() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notifyOne();
    worker_.join();
    {
        const MutexLock lock(mutex_);
        syncStops_ = true;
    }
    syncWake_.notifyOne();
    if (syncer_.joinable()) syncer_.join();
}

void DiskFileStore::ask(Job job) {
    {
        const MutexLock lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notifyOne();
}

void DiskFileStore::work() {
    MutexLock lock(mutex_);
    for (;;) {
        while (!stopping_ && jobs_.empty() && !vault_.files().doubtful()) wake_.wait(lock);
        if (jobs_.empty() && stopping_) return;
        Job job = [this] { vault_.files().checkSome(nowMs()); };
        if (!jobs_.empty()) {
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        lock.unlock();
        job();
        job = nullptr;  // what it holds is released without the lock
        lock.lock();
        if (vault_.files().unsynced()) syncWake_.notifyOne();
    }
}

// Waits a while for more, so that what comes together is synced together.
void DiskFileStore::syncBehind() {
    MutexLock lock(mutex_);
    do {
        while (!syncStops_ && !vault_.files().unsynced()) syncWake_.wait(lock);
        const auto end =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(kSyncBehindMs);
        while (!syncStops_ && syncWake_.waitUntil(lock, end)) {
        }
        lock.unlock();
        vault_.files().syncBehind();
        lock.lock();
    } while (!syncStops_);
}

FileStore::UploadId DiskFileStore::begin(uint64_t size, std::string_view sha256, Owner owner,
                                         Begun done) {
    UploadId id = 0;
    {
        const MutexLock lock(mutex_);
        id = ++lastUpload_;
    }
    ask([this, id, size, sha256 = std::string(sha256), owner, done = std::move(done)] {
        answerBegun(id, vault_.begin(id, size, sha256, owner, nowMs()), done);
    });
    return id;
}

// What is there already is hashed in slices, others' writes in between.
void DiskFileStore::answerBegun(UploadId id, Result<uint64_t> at, const Begun& done) {
    if (!at || !vault_.hashing(id)) return done(std::move(at));
    ask([this, id, done] { answerBegun(id, vault_.hashOn(id, nowMs()), done); });
}

void DiskFileStore::write(UploadId id, std::string bytes, Written done) {
    ask([this, id, bytes = std::move(bytes), done = std::move(done)] {
        done(vault_.write(id, bytes));
    });
}

void DiskFileStore::finish(UploadId id, std::string_view sha256, Finished done) {
    ask([this, id, sha256 = std::string(sha256), done = std::move(done)] {
        done(vault_.finish(id, sha256));
    });
}

void DiskFileStore::suspend(UploadId id) {
    ask([this, id] { vault_.suspend(id, nowMs()); });
}

void DiskFileStore::abort(UploadId id) {
    ask([this, id] { vault_.abort(id); });
}

std::shared_ptr<const StoredFile> DiskFileStore::open(std::string_view sha256) {
    auto file = vault_.files().open(sha256);
    if (vault_.files().doubtful()) ask([] {});  // wakes the worker, who then reads it
    return file;
}

void DiskFileStore::verify(std::string_view sha256, Verified done) {
    ask([this, sha256 = std::string(sha256), done = std::move(done)] {
        answerVerified(sha256, nowMs() - KeptFiles::kReadAgainMs, done);
    });
}

// In slices, others' writes in between.
void DiskFileStore::answerVerified(const std::string& sha256, int64_t sinceMs,
                                   const Verified& done) {
    const auto check = vault_.files().checkOn(sha256, sinceMs, nowMs());
    if (check != KeptFiles::Check::Going) return done(check == KeptFiles::Check::Whole);
    ask([this, sha256, sinceMs, done] { answerVerified(sha256, sinceMs, done); });
}

void DiskFileStore::unneeded(std::string_view sha256) {
    vault_.files().unneeded(sha256);
}

bool DiskFileStore::remove(std::string_view sha256) {
    const bool removed = vault_.files().remove(sha256);
    ask([this, sha256 = std::string(sha256)] { vault_.removeSuspended(sha256); });
    return removed;
}

}  // namespace netchat::store

#include "modes/store/disk_file_store.h"

#include <time.h>

#include <chrono>
#include <utility>

#include "modes/store/real_disk.h"

namespace netchat::store {

namespace {

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
                                                           uint64_t bytesMax, FileSync sync,
                                                           Kept kept) {
    auto disk = RealDisk::open(folder, {"incoming"});
    if (!disk) return disk.error();
    FileVault::Options options{bytesMax, sync, {}, {}};
    if (kept) {
        options.cpuNs = threadCpuNs;
        options.kept = std::move(kept);
    }
    return std::unique_ptr<DiskFileStore>(new DiskFileStore(std::move(*disk), std::move(options)));
}

DiskFileStore::DiskFileStore(std::unique_ptr<Disk> disk, FileVault::Options options)
    : disk_(std::move(disk)), vault_(*disk_, std::move(options), nowMs()) {
    worker_ = std::thread([this] { work(); });
}

DiskFileStore::~DiskFileStore() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    worker_.join();
}

void DiskFileStore::ask(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void DiskFileStore::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        job = nullptr;  // what it holds is released without the lock
        lock.lock();
    }
}

FileStore::UploadId DiskFileStore::begin(uint64_t size, std::string_view sha256, Begun done) {
    UploadId id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = ++lastUpload_;
    }
    ask([this, id, size, sha256 = std::string(sha256), done = std::move(done)] {
        answerBegun(id, vault_.begin(id, size, sha256, nowMs()), done);
    });
    return id;
}

// What is there already is hashed in slices, others' writes in between.
void DiskFileStore::answerBegun(UploadId id, Result<uint64_t> at, const Begun& done) {
    if (!at || !vault_.hashing(id)) return done(std::move(at));
    ask([this, id, done] { answerBegun(id, vault_.hashOn(id), done); });
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
    return vault_.open(sha256);
}

void DiskFileStore::unneeded(std::string_view sha256) {
    vault_.unneeded(sha256);
}

bool DiskFileStore::remove(std::string_view sha256) {
    const bool removed = vault_.remove(sha256);
    ask([this, sha256 = std::string(sha256)] { vault_.removeSuspended(sha256); });
    return removed;
}

}  // namespace netchat::store

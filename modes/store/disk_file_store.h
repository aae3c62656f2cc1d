#pragma once

// The file store in a folder: a FileVault over the machine's disk, with a thread that does its
// work in the order of the calls and, when there is none, reads files that are not known to be
// whole. Another one syncs what was kept: it waits for the disk, and nothing waits for it.

#include <deque>
#include <filesystem>
#include <memory>
#include <thread>

#include "modes/mutex.h"
#include "modes/store/file_store.h"
#include "modes/store/file_vault.h"

namespace netchat::store {

class DiskFileStore : public FileStore {
  public:
    // Uses `folder`, which is created. Internal (with the path and the reason) when it cannot.
    // Options' callbacks are called on threads of the store, or of whoever opens a file.
    static Result<std::unique_ptr<DiskFileStore>> open(const std::filesystem::path& folder,
                                                       FileVault::Options options);
    ~DiskFileStore() override;  // finishes what was asked before, and syncs

    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override;
    void write(UploadId id, std::string bytes, Written done) override;
    void finish(UploadId id, std::string_view sha256, Finished done) override;
    void suspend(UploadId id) override;
    void abort(UploadId id) override;
    std::shared_ptr<const StoredFile> open(std::string_view sha256) override;
    void verify(std::string_view sha256, Verified done) override;
    void unneeded(std::string_view sha256) override;
    bool remove(std::string_view sha256) override;

  private:
    using Job = std::function<void()>;

    DiskFileStore(std::unique_ptr<Disk> disk, FileVault::Options options);
    void ask(Job job);
    void work();
    void syncBehind();
    void answerBegun(UploadId id, Result<uint64_t> at, const Begun& done);
    void answerVerified(const std::string& sha256, int64_t sinceMs, const Verified& done);

    const std::unique_ptr<Disk> disk_;
    FileVault vault_;  // the worker thread's, but for what any thread may call

    Mutex mutex_;
    Condition wake_, syncWake_;
    std::deque<Job> jobs_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false, syncStops_ GUARDED_BY(mutex_) = false;
    UploadId lastUpload_ GUARDED_BY(mutex_) = 0;

    std::thread worker_, syncer_;  // last: they use all of the above
};

}  // namespace netchat::store

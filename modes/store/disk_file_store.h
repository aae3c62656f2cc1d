#pragma once

// The file store in a folder:
//
//   FOLDER/<sha256>          complete files, mode 0600
//   FOLDER/incoming/<n>      uploads under way, removed at start and on abort

#include <Poco/Crypto/DigestEngine.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "modes/store/file_store.h"

namespace netchat::store {

class DiskFileStore : public FileStore {
  public:
    enum class Sync {
        No,     // a file that is kept survives the process
        OnKeep  // and the machine: it and its name are synced before anyone hears of it
    };
    // Uses `folder`, which is created; of `bytesMax` in all, the files longest unused go first.
    // Internal (with the path and the reason) when the folder cannot be used.
    static Result<std::unique_ptr<DiskFileStore>> open(const std::filesystem::path& folder,
                                                       uint64_t bytesMax, Sync sync = Sync::No);
    ~DiskFileStore() override;  // finishes what was asked before

    UploadId begin(uint64_t size, Begun done) override;
    void write(UploadId id, std::string bytes, Written done) override;
    void finish(UploadId id, std::string_view sha256, Finished done) override;
    void abort(UploadId id) override;
    std::shared_ptr<const StoredFile> open(std::string_view sha256) override;

  private:
    struct Upload {
        int fd = -1;
        std::filesystem::path path;
        uint64_t reserved = 0;  // announced size, counted against the quota
        uint64_t written = 0;
        std::unique_ptr<Poco::Crypto::DigestEngine> digest;
    };
    struct Kept {
        uint64_t size;
        std::list<std::string>::iterator use;
    };
    using Job = std::function<void()>;

    DiskFileStore(std::filesystem::path folder, uint64_t bytesMax, Sync sync);
    Status syncToDisk(int file) const;
    void ask(Job job);
    void work();

    Status startUpload(UploadId id, uint64_t size);
    Result<size_t> append(UploadId id, std::string_view bytes);
    Result<std::string> complete(UploadId id, const std::string& sha256);
    Status keep(const Upload& upload, const std::string& sha256);
    void drop(UploadId id);
    bool makeRoom(uint64_t size);
    std::filesystem::path pathOf(std::string_view sha256) const;

    const std::filesystem::path folder_;
    const uint64_t bytesMax_;
    const Sync sync_;
    std::map<UploadId, Upload> uploads_;  // worker thread only

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    UploadId lastUpload_ = 0;
    std::unordered_map<std::string, Kept> kept_;
    std::list<std::string> uses_;  // the longest unused first
    uint64_t bytes_ = 0;           // kept and reserved
    uint64_t reserved_ = 0;        // for uploads under way

    std::thread worker_;  // last: it uses all of the above
};

}  // namespace netchat::store

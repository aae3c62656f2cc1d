#pragma once

// What the file store does, without its thread and its disk: quota, names, digests, uploads that
// are taken up again, and which files go when room is needed.
//
//   <sha256>                        complete files
//   incoming/<sha256>-<size>.part   an upload whose content is known; outlives the process
//   incoming/<number>.tmp           one whose content is not, or is being uploaded twice at a time
//
// Room is needed: suspended uploads go first, the oldest before the others, then complete files,
// those that no log speaks of first, then the longest unused; those being sent only after all.

#include <Poco/Crypto/DigestEngine.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "modes/store/disk.h"
#include "modes/store/file_store.h"
#include "protocol/result.h"

namespace netchat::store {

enum class FileSync {
    No,     // a file that is kept survives the process
    OnKeep  // and the machine: it and its name are synced before anyone hears of it
};

// What a file's bytes cost that came by this upload, in nanoseconds of the processor.
struct FileCost {
    uint64_t bytes = 0;  // those that were hashed
    int64_t hashNs = 0;
    int64_t writeNs = 0;
};

// open(), unneeded() and remove() on any thread; all else on one.
class FileVault {
  public:
    using UploadId = FileStore::UploadId;

    struct Options {
        uint64_t bytesMax = 0;
        FileSync sync = FileSync::No;
        // The processor's time that the calling thread has used, and who is told what each file
        // cost that is kept; none: it is not measured.
        std::function<int64_t()> cpuNs = {};
        std::function<void(const std::string& sha256, const FileCost&)> kept = {};
    };

    // Takes stock of the disk, which must outlive this, and removes what no upload can use.
    // `nowMs`: Unix time, here and below.
    FileVault(Disk& disk, Options options, int64_t nowMs);
    // Uploads that are not over are suspended.
    ~FileVault();
    FileVault(const FileVault&) = delete;
    FileVault& operator=(const FileVault&) = delete;

    // As FileStore's; `id` is the caller's, never used before. While hashing() what is there
    // already must be read again first: hashOn() a slice at a time, until it is done.
    Result<uint64_t> begin(UploadId id, uint64_t size, std::string_view sha256, int64_t nowMs);
    bool hashing(UploadId id) const;
    // The number of bytes there, once all of them are hashed; an error ends the upload.
    Result<uint64_t> hashOn(UploadId id);

    Result<size_t> write(UploadId id, std::string_view bytes);
    Result<std::string> finish(UploadId id, std::string_view sha256);
    void suspend(UploadId id, int64_t nowMs);
    void abort(UploadId id);

    std::shared_ptr<const StoredFile> open(std::string_view sha256);
    void unneeded(std::string_view sha256);
    // False: there is no such complete file.
    bool remove(std::string_view sha256);
    void removeSuspended(std::string_view sha256);

    // What counts against the quota: files, suspended uploads, and uploads under way in full.
    uint64_t bytes() const { return bytes_.load(); }

  private:
    using Digest = std::unique_ptr<Poco::Crypto::DigestEngine>;

    struct Upload {
        std::string name;      // on the disk
        std::string sha256;    // as announced; empty: not known
        uint64_t size = 0;     // as announced; counted against the quota
        uint64_t written = 0;  // what the file has
        uint64_t hashed = 0;   // what the digest has seen of it
        std::unique_ptr<DiskFile> file;
        Digest digest;
        FileCost cost;
    };
    // A suspended upload.
    struct Partial {
        uint64_t written = 0;
        int64_t sinceMs = 0;
        Digest digest;  // null: the bytes must be hashed again
    };
    struct Kept {
        uint64_t size = 0;
        std::list<std::string>::iterator use;
        std::weak_ptr<const StoredFile> opened;
    };

    // Adds to `spentNs` what the processor spends on `work`.
    template <class Work>
    void measure(int64_t& spentNs, Work work);
    void hash(Upload& upload, std::string_view bytes);
    bool isKept(std::string_view sha256, uint64_t size);
    void takeStock();
    void takeStockOfIncoming(int64_t nowMs);
    bool makeRoom(uint64_t size);
    bool dropOldestPartial();
    bool dropOldestKept();
    void dropKept(std::unordered_map<std::string, Kept>::iterator it);
    void expire(int64_t nowMs);
    void keepPartial(const std::string& name, Partial partial);
    void removePartial(const std::string& name);
    Status openFile(Upload& upload, Partial partial);
    Result<std::string> verify(Upload& upload, std::string_view sha256);
    Status keep(Upload& upload, const std::string& sha256);
    void end(UploadId id, bool removes);

    Disk& disk_;
    const Options options_;
    std::map<UploadId, Upload> uploads_;
    std::map<UploadId, std::string> needless_;  // of content that is kept: nothing is to be written
    std::set<std::string> inUse_;               // the uploads' names
    std::map<std::string, Partial> partials_;   // by name
    std::atomic<uint64_t> bytes_ = 0;           // kept, suspended and reserved
    uint64_t reserved_ = 0;                     // for uploads under way

    std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Kept> kept_;
    std::list<std::string> uses_;  // the longest unused first
};

}  // namespace netchat::store

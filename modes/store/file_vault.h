#pragma once

// What the file store does, without its thread and its disk: quota, names, digests, uploads that
// are taken up again, and which files go when room is needed.
//
//   <sha256>                             complete files (kept_files.h)
//   <sha256>.damaged                     one that was, moved aside
//   sizes                                how long each is (size_record.h)
//   incoming/<sha256>-<size>.part        an upload whose content is known; outlives the process
//   incoming/<sha256>-<size>-<n>.part    a second one of the same content at the same time
//   incoming/<number>.tmp                one whose content is not known
//
// Room is made for bytes that have come, never for bytes that are announced. Then damaged files go
// first, then suspended uploads, the oldest before the others, then complete files, those that no
// log speaks of first, then the longest unused; those being sent only after all.

#include <Poco/Crypto/DigestEngine.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "modes/store/disk.h"
#include "modes/store/file_store.h"
#include "modes/store/kept_files.h"
#include "modes/store/reservations.h"
#include "protocol/result.h"

namespace netchat::store {

// The folder of what is not whole yet.
inline constexpr char kIncomingFolder[] = "incoming";

// What a file's bytes cost that came by this upload, in nanoseconds of the processor.
struct FileCost {
    uint64_t bytes = 0;  // those that were hashed
    int64_t hashNs = 0;
    int64_t writeNs = 0;
};

// What KeptFiles says of itself for files(); all else on one thread.
class FileVault {
  public:
    using UploadId = FileStore::UploadId;
    using Owner = FileStore::Owner;

    struct Options {
        uint64_t bytesMax = 0;
        KeptFiles::Options files = {};
        // What one owner may announce and not have sent yet; 0: a quarter of bytesMax.
        uint64_t reservedPerOwner = 0;
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
    Result<uint64_t> begin(UploadId id, uint64_t size, std::string_view sha256, Owner owner,
                           int64_t nowMs);
    bool hashing(UploadId id) const;
    // The number of bytes there, once all of them are hashed; an error ends the upload.
    Result<uint64_t> hashOn(UploadId id, int64_t nowMs);

    Result<size_t> write(UploadId id, std::string_view bytes);
    Result<std::string> finish(UploadId id, std::string_view sha256);
    void suspend(UploadId id, int64_t nowMs);
    void abort(UploadId id);

    void removeSuspended(std::string_view sha256);

    // The complete files.
    KeptFiles& files() { return files_; }

    // What counts against the quota: files, suspended uploads, and what has come of others.
    uint64_t bytes() const { return files_.bytes() + suspended_ + arrived_; }

    // What is not as it should be between two calls, the complete files included; empty: nothing.
    std::string checkInvariants();
    // What the disk has that is not counted, or the reverse. A disk that somebody else changes may
    // differ, and is found out when a file is opened.
    std::string checkDisk();

  private:
    friend struct InvariantsTest;  // plants faults

    using Digest = std::unique_ptr<Poco::Crypto::DigestEngine>;

    struct Upload {
        std::string name;    // on the disk
        std::string sha256;  // as announced; empty: not known
        Owner owner = 0;
        uint64_t size = 0;     // as announced
        uint64_t written = 0;  // what the file has; counted against the quota
        uint64_t hashed = 0;   // what the digest has seen of it
        std::unique_ptr<DiskFile> file;
        Digest digest;
        FileCost cost;
    };
    // Of content that is kept: nothing is to be written.
    struct Needless {
        std::string sha256;
        uint64_t size = 0;
        Owner owner = 0;
        bool reading = false;  // whether it is whole is not known yet
    };
    // A suspended upload.
    struct Partial {
        uint64_t written = 0;
        int64_t sinceMs = 0;
        Digest digest;  // null: the bytes must be hashed again
    };
    using Partials = std::map<std::string, Partial>;

    // Adds to `spentNs` what the processor spends on `work`.
    template <class Work>
    void measure(int64_t& spentNs, Work work);
    void hash(Upload& upload, std::string_view bytes);
    void takeStockOfIncoming(int64_t nowMs);
    Result<uint64_t> beginUpload(UploadId id, uint64_t size, std::string_view sha256, Owner owner);
    Result<uint64_t> readOn(UploadId id, Needless& needless, int64_t nowMs);
    std::string newName(UploadId id, const std::string& sha256, uint64_t size) const;
    bool makeRoom(uint64_t size);
    bool dropOldestPartial();
    void expire(int64_t nowMs);
    Partials::iterator longestPartial(const std::string& sha256, uint64_t size);
    void keepPartial(const std::string& name, Partial partial);
    void keepLongest(const std::string& sha256, uint64_t size);
    void removePartial(const std::string& name);
    Status openFile(Upload& upload, Partial partial);
    Result<std::string> verify(Upload& upload, std::string_view sha256);
    Status keep(Upload& upload, const std::string& sha256);
    void end(UploadId id, bool removes);

    // vault_invariants.cpp
    std::string uploadFault(const Upload& upload) const;
    std::string partialFault() const;

    Disk& disk_;
    const Options options_;
    KeptFiles files_;
    Reservations reservations_;
    std::map<UploadId, Upload> uploads_;
    std::map<UploadId, Needless> needless_;
    std::set<std::string> inUse_;  // the uploads' names
    Partials partials_;            // by name
    uint64_t suspended_ = 0;       // bytes of partials_
    uint64_t arrived_ = 0;         // bytes of uploads_
};

}  // namespace netchat::store

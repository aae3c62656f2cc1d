#pragma once

// The files: one per content, named by its SHA-256, complete and verified or not there at all.
//
//   begin -> write, write, … -> finish: verified, renamed into place, kept
//                            -> abort:  forgotten
//
// Uploads are written and hashed by a worker thread, so that no loop waits for a disk; files are
// opened for sending by whoever sends, and stay readable while open even if they are dropped.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::store {

// An open file of the store; shared because one file is sent to many connections on several loops.
class StoredFile {
  public:
    StoredFile(int fd, uint64_t size) : fd_(fd), size_(size) {}
    ~StoredFile();
    StoredFile(const StoredFile&) = delete;
    StoredFile& operator=(const StoredFile&) = delete;
    int fd() const { return fd_; }
    uint64_t size() const { return size_; }
    // Fills `bytes` from `offset` on; false when the file cannot be read that far.
    bool read(uint64_t offset, std::string& bytes) const;

  private:
    int fd_;
    uint64_t size_;
};

// Any thread. Callbacks run on a thread of the store, in the order of the calls that they answer.
class FileStore {
  public:
    using UploadId = uint64_t;

    virtual ~FileStore() = default;

    // Makes room for `size` bytes. NoRoom when the disk or the quota cannot hold them.
    using Begun = std::function<void(Status)>;
    virtual UploadId begin(uint64_t size, Begun done) = 0;

    // The next bytes; done(number of bytes written) or the failure, after which the upload is over.
    using Written = std::function<void(Result<size_t>)>;
    virtual void write(UploadId id, std::string bytes, Written done) = 0;

    // Gives the SHA-256 (lower-case hex) of what was written and keeps it. Where `sha256` is not
    // empty and differs: BadHash, and nothing is kept.
    using Finished = std::function<void(Result<std::string>)>;
    virtual void finish(UploadId id, std::string_view sha256, Finished done) = 0;
    virtual void abort(UploadId id) = 0;

    // Null when the store does not have it (any longer).
    virtual std::shared_ptr<const StoredFile> open(std::string_view sha256) = 0;
};

}  // namespace netchat::store

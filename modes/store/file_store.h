#pragma once

// The files: one per content, named by its SHA-256, complete and verified or not there at all.
//
//   begin -> write, write, … -> finish:  verified, renamed into place, kept
//                            -> suspend: what is written waits for whoever begins it again
//                            -> abort:   forgotten
//
// Uploads are written and hashed by a worker thread, so that no loop waits for a disk; files are
// opened for sending by whoever sends, and stay readable while open even if they are dropped.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "modes/store/disk.h"
#include "protocol/result.h"

namespace netchat::store {

// An open file of the store; shared because one file is sent to many connections on several loops.
class StoredFile {
  public:
    StoredFile(std::shared_ptr<const DiskFile> file, uint64_t size)
        : file_(std::move(file)), size_(size) {}
    StoredFile(const StoredFile&) = delete;
    StoredFile& operator=(const StoredFile&) = delete;
    // For sendfile(); -1: there is none.
    int fd() const { return file_->fd(); }
    uint64_t size() const { return size_; }
    // Fills `bytes` from `offset` on; false when the file cannot be read that far.
    bool read(uint64_t offset, std::string& bytes) const { return file_->read(offset, bytes); }
    const std::shared_ptr<const DiskFile>& file() const { return file_; }

    // Somebody who knew what its size should be has seen that it is so: its bytes may be promised.
    bool certain() const { return certain_.load(); }
    // It can be sent up to this byte. False: it is shorter by now, was found to be damaged since it
    // was opened, or was removed.
    bool holds(uint64_t end) const { return !spoiled_.load() && file_->size() >= end; }

    // ---- the store's
    void setCertain(bool certain) const { certain_ = certain; }
    void spoil() const { spoiled_ = true; }

  private:
    std::shared_ptr<const DiskFile> file_;
    uint64_t size_;
    mutable std::atomic<bool> certain_{true}, spoiled_{false};
};

// Any thread. Callbacks run on a thread of the store; those of one upload in the order of the calls
// that they answer.
class FileStore {
  public:
    using UploadId = uint64_t;
    // Whose upload it is: the same for the same address. 0: nobody's in particular.
    using Owner = uint64_t;

    virtual ~FileStore() = default;

    // Announces `size` bytes, for which nobody else gives way yet. NoRoom when so much cannot be
    // promised to this owner, or to all. Where the SHA-256 is known, an earlier upload of the same
    // content that was cut is taken up: `done` says how many bytes are there already, and nothing
    // may be written before it. Of content that is kept already, and whole, all are: finish()
    // follows. Without one (empty) it is always 0, and writing may begin at once.
    using Begun = std::function<void(Result<uint64_t>)>;
    virtual UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) = 0;

    // The next bytes, for which others' files go where there is no room; done(number of bytes
    // written) or the failure, after which the upload is over.
    using Written = std::function<void(Result<size_t>)>;
    virtual void write(UploadId id, std::string bytes, Written done) = 0;

    // Gives the SHA-256 (lower-case hex) of what was written and keeps it. Where `sha256` is not
    // empty and differs: BadHash, and nothing is kept.
    using Finished = std::function<void(Result<std::string>)>;
    virtual void finish(UploadId id, std::string_view sha256, Finished done) = 0;
    // The connection is gone: what was written is kept for begin() with the same SHA-256 and size,
    // also after a restart, while there is room for it. Without a SHA-256 it is an abort.
    virtual void suspend(UploadId id) = 0;
    virtual void abort(UploadId id) = 0;

    // Null when the store does not have it (any longer), or finds it to be damaged.
    virtual std::shared_ptr<const StoredFile> open(std::string_view sha256) = 0;

    // Reads a complete file again, since somebody got other bytes, or its size is not certain.
    // done(true): it is whole. done(false): it is not here, or was damaged and is here no longer.
    using Verified = std::function<void(bool)>;
    virtual void verify(std::string_view sha256, Verified done) = 0;

    // No log speaks of it any more: it is the first to go when room is needed.
    virtual void unneeded(std::string_view sha256) = 0;

    // Nobody can open it any more, from now on, and it is sent no further to those who have begun;
    // what a suspended upload of it left goes soon after. False: there was no such complete file.
    virtual bool remove(std::string_view sha256) = 0;
};

}  // namespace netchat::store

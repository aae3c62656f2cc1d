#pragma once

// How long each complete file is, kept beside them, so that one that was damaged while no server
// ran is found: what the disk says of a damaged file's size is what the damage left.
//
//     <sha256> <size>     its bytes are on the disk, in this length
//     <sha256> gone       it was dropped
//
// One line each in the file "sizes"; the last one of a file counts. Nothing depends on a line: a
// file without one is hashed before it is believed. So the record itself is never synced.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "modes/mutex.h"
#include "modes/store/disk.h"

namespace netchat::store {

inline constexpr size_t kSha256Chars = 64;  // in hexadecimal

// Any thread.
class SizeRecord {
  public:
    using Sizes = std::unordered_map<std::string, uint64_t>;

    // Reads what an earlier server wrote.
    explicit SizeRecord(Disk& disk);

    // As it was read.
    const Sizes& read() const { return read_; }

    void add(const std::string& sha256, uint64_t size);
    // Nothing where there is no line of it.
    void forget(const std::string& sha256);

  private:
    void parse(std::string_view text) REQUIRES(mutex_);
    void append(const std::string& line) REQUIRES(mutex_);
    void rewrite() REQUIRES(mutex_);

    Disk& disk_;
    Sizes read_;

    Mutex mutex_;
    Sizes sizes_ GUARDED_BY(mutex_);
    size_t lines_ GUARDED_BY(mutex_) = 0;  // in the file
    std::unique_ptr<DiskFile> file_
        GUARDED_BY(mutex_);  // null: it is not written yet, or cannot be
};

}  // namespace netchat::store

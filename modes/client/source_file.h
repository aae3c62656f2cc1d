#pragma once

// A file of this machine that is being uploaded: read in pieces, and watched for changes between
// the first and the last. One thread at a time; reading may wait for the disk.

#include <cstdint>
#include <filesystem>
#include <string>

#include "protocol/result.h"

namespace netchat::client {

class SourceFile {
  public:
    // NoSuchFile: not there, not readable or not a regular file.
    static Result<SourceFile> open(const std::filesystem::path& path);
    SourceFile(SourceFile&& other) noexcept;
    SourceFile& operator=(SourceFile&& other) noexcept;
    ~SourceFile();

    uint64_t size() const { return size_; }
    // Replaces `out` by exactly `size` bytes from `offset`, which must lie within the file.
    // NoSuchFile: it cannot be read, or has become shorter.
    Status read(uint64_t offset, size_t size, std::string& out) const;
    // Whether it is not what it was when it was opened (size and time of change).
    bool changed() const;

    // Closed between its turns, and opened again: BadHash if it was changed meanwhile.
    void close();
    Status reopen();

  private:
    SourceFile(int fd, std::filesystem::path path, uint64_t size, int64_t changedNs)
        : fd_(fd), path_(std::move(path)), size_(size), changedNs_(changedNs) {}

    int fd_;
    std::filesystem::path path_;
    uint64_t size_;
    int64_t changedNs_;
};

}  // namespace netchat::client

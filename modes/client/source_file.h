#pragma once

// A file of this machine that is being uploaded: read in pieces, and watched for changes between
// the first and the last. What the kernel makes up when it is read, as in /proc, has no size before
// and is never twice the same: it is read at once, and kept. One thread at a time; reading may wait
// for the disk.

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "modes/client/host.h"
#include "protocol/result.h"

namespace netchat::client {

class SourceFile : public Source {
  public:
    // NoSuchFile: not there, not readable or not a regular file; TooLarge: made up without an end.
    static Result<std::unique_ptr<Source>> open(const std::filesystem::path& path);
    ~SourceFile() override;
    SourceFile(const SourceFile&) = delete;
    SourceFile& operator=(const SourceFile&) = delete;

    uint64_t size() const override { return size_; }
    std::optional<int64_t> mtimeMs() const override;
    Status read(uint64_t offset, size_t size, std::string& out) const override;
    // By its size and its time of change.
    bool changed() const override;
    void close() override;
    Status reopen() override;

  private:
    explicit SourceFile(const std::filesystem::path& path) : path_(path) {}
    Status openNow();
    Status readAll();

    std::filesystem::path path_;
    int fd_ = -1;
    uint64_t size_ = 0;
    timespec changed_{};
    std::optional<std::string> made_;  // what the kernel made up
};

}  // namespace netchat::client

#pragma once

// A folder of our own for what does not outlast the process, on a disk, since files are large. It
// is locked as long as this lives, so that whoever cleans such places by age (systemd-tmpfiles)
// leaves it and all in it alone.

#include <filesystem>
#include <memory>

#include "protocol/result.h"

namespace netchat::store {

class TemporaryFolder {
  public:
    // Below $TMPDIR, or /var/tmp. Internal (with the path and the reason) when it cannot be made.
    static Result<std::unique_ptr<TemporaryFolder>> make();
    ~TemporaryFolder();  // removes it with all that is in it
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    TemporaryFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::filesystem::path path_;
    int lock_;  // a descriptor of the folder; -1: it cannot be locked
};

}  // namespace netchat::store

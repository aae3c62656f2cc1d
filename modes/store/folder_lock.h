#pragma once

// One server per data folder: an advisory lock that the kernel gives back when its process ends,
// however it ends.

#include <filesystem>
#include <memory>

#include "protocol/result.h"

namespace netchat::store {

// Any thread; the lock is the object's.
class FolderLock {
  public:
    // Makes the folder, mode 0700, if it is not there. BadState names the process that holds it.
    static Result<std::unique_ptr<FolderLock>> take(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    explicit FolderLock(int fd) : fd_(fd) {}
    int fd_;
};

}  // namespace netchat::store

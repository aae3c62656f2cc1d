#pragma once

// Whether a folder has a file already: under its name, or the name with a number, the same bytes.
// What is there is hashed in slices, so that nobody waits for a large file.
//
//     photo.jpg, photo (2).jpg, ...   up to the first name that is free, at most kNamesMax
//
// A file counts only if it is a regular one of this user's: no link is followed.

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/client/sha256.h"

namespace netchat::client {

// One thread at a time; a slice may wait for the disk.
class SameFile {
  public:
    // A name that is taken more often is numbered on without a look.
    static constexpr unsigned kNamesMax = 10;

    SameFile() = default;
    ~SameFile();
    SameFile(const SameFile&) = delete;
    SameFile& operator=(const SameFile&) = delete;

    void begin(std::string name, uint64_t size, std::string_view sha256);
    // Hashes a slice; true: there is more to look at. Without begin() there is nothing.
    bool advance(int folderFd);
    // The name in the folder; empty as long as none is known.
    const std::string& found() const { return found_; }
    const std::string& sha256() const { return sha256_; }

  private:
    bool openNext(int folderFd);
    void close();

    std::string name_, sha256_;
    uint64_t size_ = 0;
    unsigned number_ = kNamesMax;  // of the last name that was looked at
    std::string current_, found_;
    int fd_ = -1;  // of the current one
    uint64_t hashed_ = 0;
    Sha256 hash_;
};

// Whether the folder's file of this name has the bytes of `fd`. Waits for the disk; it reads no
// further than to the first difference, and nothing of files above 256 MiB, which count as others.
bool haveSameBytes(int folderFd, const std::string& name, int fd, uint64_t size);

}  // namespace netchat::client

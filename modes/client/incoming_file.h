#pragma once

// One file on its way into the downloads folder.
//
//     bytes --> .NAME.XXXX.part (mode 0600), hashed --> checked --> NAME, NAME (2), NAME (3) ...
//
// Nothing that exists is ever overwritten, nothing is ever made executable, no name leads out of
// the folder, and whatever is not placed is removed. One thread at a time; writing may wait for the
// disk.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "modes/client/sha256.h"
#include "protocol/result.h"

namespace netchat::client {

// Where files go. With `discard` their bytes are hashed and written nowhere.
struct DownloadsFolder {
    std::filesystem::path path;
    bool discard = false;
};

class IncomingFile {
  public:
    // `name` is remote and made safe here. The folder is made if it is missing.
    // NoRoom: the disk is full; Internal: the folder cannot be written.
    static Result<std::unique_ptr<IncomingFile>> create(const DownloadsFolder& folder,
                                                        std::string_view name, uint64_t size);
    ~IncomingFile();  // removes what was not placed
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    // BadHash: more bytes than announced.
    Status write(std::string_view bytes);
    uint64_t received() const { return received_; }
    uint64_t size() const { return size_; }

    struct Placed {
        std::string path;  // empty when discarded
        std::string sha256;
    };
    // Call once. BadHash unless all bytes came and, where one is given, have this hash.
    Result<Placed> place(std::string_view sha256 = {});

  private:
    IncomingFile(const DownloadsFolder& folder, std::string_view name, uint64_t size);
    Status openFolder();
    Status openTemporary();
    Result<std::string> moveIntoPlace();

    DownloadsFolder folder_;
    std::string name_;
    uint64_t size_;
    uint64_t received_ = 0;
    Sha256 hash_;
    int folderFd_ = -1;
    int fd_ = -1;
    std::string temporary_;  // its name in the folder; empty when there is none
};

}  // namespace netchat::client

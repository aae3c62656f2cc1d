#pragma once

// One file on its way into the downloads folder.
//
//     bytes --> .netchat-….part (mode 0600), hashed --> checked --> NAME, NAME (2), NAME (3) ...
//
// Nothing that exists is ever overwritten, nothing is ever made executable, and no name leads out
// of the folder. What is not placed is removed, unless its hash is known: then it stays, for the
// next who wants the same bytes (partial_file.h). One thread at a time; writing may wait for the
// disk.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "modes/client/host.h"
#include "modes/client/sha256.h"
#include "protocol/result.h"

namespace netchat::client {

// Where files go. With `discard` their bytes are hashed and written nowhere.
struct DownloadsFolder {
    std::filesystem::path path;
    bool discard = false;
};

class IncomingFile : public Incoming {
  public:
    // `name` is remote and made safe here. The folder is made if it is missing.
    // NoRoom: the disk is full; Internal: the folder cannot be written.
    static Result<std::unique_ptr<Incoming>> create(const DownloadsFolder& folder,
                                                    std::string_view name, uint64_t size,
                                                    std::string_view sha256 = {});
    ~IncomingFile() override;
    IncomingFile(const IncomingFile&) = delete;
    IncomingFile& operator=(const IncomingFile&) = delete;

    uint64_t size() const override { return size_; }
    uint64_t received() const override { return received_; }
    bool rehash() override;
    Status write(std::string_view bytes) override;
    Result<Placed> place(std::string_view sha256 = {}) override;
    void forget() override { kept_ = false; }

  private:
    IncomingFile(const DownloadsFolder& folder, std::string_view name, uint64_t size);
    Status openFolder();
    Status openTemporary(std::string_view sha256);
    void startAnew();
    Result<std::string> moveIntoPlace();

    DownloadsFolder folder_;
    std::string name_;
    uint64_t size_;
    uint64_t received_ = 0;
    uint64_t hashed_ = 0;  // of the bytes received
    Sha256 hash_;
    int folderFd_ = -1;
    int fd_ = -1;
    std::string temporary_;  // its name in the folder; empty when there is none
    bool kept_ = false;      // it stays when this object goes
};

}  // namespace netchat::client

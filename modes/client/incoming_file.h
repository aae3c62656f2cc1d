#pragma once

// One file on its way into the downloads folder.
//
//     bytes --> .netchat-….part (mode 0600), hashed --> checked --> NAME, NAME (2), NAME (3) ...
//
// Nothing that exists is ever overwritten, nothing is ever made executable, and no name leads out
// of the folder. A file of this name, or of one of its numbers, that has the same bytes is left to
// be the one received. What is not placed is removed, unless its hash is known: then it stays, for
// the next who wants the same bytes (partial_file.h), also where the disk was full. What is placed
// is on the disk, and stays there when the power goes; blocks of zeros take no room. One thread at
// a time; writing may wait for the disk.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modes/client/host.h"
#include "modes/client/same_file.h"
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
    // The folder is made if it is missing, and those below it that the file lay in. What is remote
    // is made safe here. NoRoom: the disk is full; Internal: the folder cannot be written.
    static Result<std::unique_ptr<Incoming>> create(const DownloadsFolder& folder,
                                                    const Arriving& file);
    // The same of a file that lay in no folder.
    static Result<std::unique_ptr<Incoming>> create(const DownloadsFolder& folder,
                                                    std::string_view name, uint64_t size,
                                                    std::string_view sha256 = {}) {
        return create(folder, {.name = name, .size = size, .sha256 = sha256});
    }
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
    IncomingFile(const DownloadsFolder& folder, const Arriving& file);
    Status openFolder();
    Status openPlace(std::string_view folder);
    Status openTemporary(std::string_view sha256);
    void startAnew();
    Error stopped(int error) const;
    bool lookForSame();
    Result<std::string> moveIntoPlace(bool& wasThere);

    DownloadsFolder folder_;
    std::filesystem::path place_;  // where the file goes: the folder, or one below it
    int placeFd_ = -1;
    std::optional<int64_t> mtimeMs_;
    std::string name_;
    uint64_t size_;
    uint64_t received_ = 0;
    uint64_t hashed_ = 0;  // of the bytes received
    uint64_t synced_ = 0;  // up to here the kernel was told to write
    Sha256 hash_;
    int folderFd_ = -1;
    int fd_ = -1;
    std::string temporary_;  // its name in the folder; empty when there is none
    bool kept_ = false;      // it stays when this object goes
    SameFile same_;          // looks for the bytes among what is there
};

}  // namespace netchat::client

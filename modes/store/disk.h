#pragma once

// What the file store needs of a disk, and no more: the seam where the simulator puts a disk that
// fills, fails, and forgets at a crash whatever was not synced.
//
// Names are relative to the store's folder ("incoming/ab12….part", "ab12…"); none leads out of it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

// What changes whenever a file's bytes, or its name, are changed by anybody.
struct FileStamp {
    uint64_t size = 0;
    uint64_t file = 0;  // its number on the disk
    int64_t changedNs = 0;

    bool operator==(const FileStamp&) const = default;
};

// An open file; closed with the object. Appending: one thread; reading: any.
class DiskFile {
  public:
    virtual ~DiskFile() = default;
    virtual uint64_t size() const = 0;
    virtual FileStamp stamp() const = 0;
    // All of it, or an error: NoRoom when the disk is full (then some of it may be there).
    virtual Status append(std::string_view bytes) = 0;
    // Fills `bytes` from `offset` on; false when the file cannot be read that far.
    virtual bool read(uint64_t offset, std::string& bytes) const = 0;
    // The bytes survive the machine.
    virtual Status sync() = 0;
    // For sendfile(); -1: there is none.
    virtual int fd() const { return -1; }
};

// Any thread.
class Disk {
  public:
    struct Listed {
        std::string name;  // without the folder
        uint64_t size = 0;
        int64_t changedMs = 0;  // Unix time
    };

    virtual ~Disk() = default;
    // A new file, mode 0600; an error where the name is taken.
    virtual Result<std::unique_ptr<DiskFile>> create(const std::string& name) = 0;
    // An existing one, appended to at its end.
    virtual Result<std::unique_ptr<DiskFile>> reopen(const std::string& name) = 0;
    // An existing one, to be read only; null where it is not there.
    virtual std::unique_ptr<DiskFile> open(const std::string& name) = 0;
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual void remove(const std::string& name) = 0;
    // The names that were made, changed and removed survive the machine.
    virtual Status syncNames() = 0;
    // Regular files of a folder below the store's, or ("") of its own.
    virtual std::vector<Listed> list(const std::string& folder) const = 0;
};

}  // namespace netchat::store

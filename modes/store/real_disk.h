#pragma once

// The machine's disk, below one folder. Every name is resolved relative to descriptors that were
// opened once, and no symbolic link is followed.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "modes/store/disk.h"

namespace netchat::store {

// Any thread.
class RealDisk : public Disk {
  public:
    // Makes `folder`, mode 0700, and the folders below it that names may begin with; and makes them
    // again where somebody has removed them since, when a file is to be made.
    // Internal (with the path and the reason) when it cannot be used.
    static Result<std::unique_ptr<RealDisk>> open(const std::filesystem::path& folder,
                                                  const std::vector<std::string>& below);
    ~RealDisk() override;
    RealDisk(const RealDisk&) = delete;
    RealDisk& operator=(const RealDisk&) = delete;

    Result<std::unique_ptr<DiskFile>> create(const std::string& name) override;
    Result<std::unique_ptr<DiskFile>> reopen(const std::string& name) override;
    std::unique_ptr<DiskFile> open(const std::string& name) override;
    Status rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& name) override;
    Status syncNames() override;
    std::vector<Listed> list(const std::string& folder) const override;

  private:
    struct Folder {
        std::string name;  // "": the top
        int fd = -1;
    };
    struct Place {
        int folder = -1;  // -1: not below this disk
        std::string leaf;
    };

    explicit RealDisk(std::filesystem::path path) : path_(std::move(path)) {}
    Place placeOf(const std::string& name) const;
    int openAt(const std::string& name, int flags) const;
    bool makeAgain();

    const std::filesystem::path path_;
    std::vector<Folder> folders_;
};

}  // namespace netchat::store

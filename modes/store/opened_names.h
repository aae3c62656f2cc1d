#pragma once

// Whether files still have the names under which they were opened: what is written to one that has
// none any more is gone with whoever has it open.

#include <cstdint>
#include <filesystem>
#include <vector>

namespace netchat::store {

// One thread.
class OpenedNames {
  public:
    // As they are now; one that is not there is left out.
    void note(const std::vector<std::filesystem::path>& files);
    // One whose name is not there, or is another file's; empty: none. A system call for each.
    std::filesystem::path missing() const;

  private:
    struct Opened {
        std::filesystem::path file;
        uint64_t device, inode;
    };
    std::vector<Opened> opened_;
};

}  // namespace netchat::store

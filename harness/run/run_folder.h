#pragma once

// The temporary folder of a run: the files to be sent, a downloads folder for each bot, and what
// the server writes. It goes with the run unless it is kept. One thread.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/plan/workload.h"
#include "protocol/result.h"

namespace netchat::harness {

class RunFolder {
  public:
    RunFolder() = default;
    ~RunFolder();
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;

    // Makes the folders, and the files with their contents.
    Status create(const Workload& workload);
    void keep() { kept_ = true; }
    // One that another process has made, and removes.
    void adopt(std::filesystem::path path, std::vector<std::string> sha256);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path file(const FilePlan& plan) const { return path_ / "files" / plan.name; }
    std::filesystem::path downloads(size_t bot) const;
    // Names of what lies in a bot's downloads folder.
    std::vector<std::string> leftIn(size_t bot) const;
    // Of the files, in the plan's order.
    const std::vector<std::string>& sha256() const { return sha256_; }

  private:
    Status writeFile(const Workload& workload, uint32_t index);

    std::filesystem::path path_;
    std::vector<std::string> sha256_;
    bool kept_ = false;
};

}  // namespace netchat::harness

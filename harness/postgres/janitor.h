#pragma once

// Who clears up behind a pair of databases, whatever becomes of the process that started it: a
// process of its own, which waits until the other end of a pipe is closed. That happens when the
// pair is destroyed, and also when its process is killed.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::harness {

// One thread.
class Janitor {
  public:
    Janitor() = default;
    // When this goes, the nodes below the folder have ended, and the folder is gone.
    ~Janitor();
    Janitor(const Janitor&) = delete;
    Janitor& operator=(const Janitor&) = delete;

    // `nodes`: names of folders in `folder`, each that of a PostgresNode.
    Status start(const std::filesystem::path& folder, const std::vector<std::string>& nodes);

  private:
    int pipe_ = -1;  // the end whose closing it waits for
    pid_t pid_ = 0;
};

}  // namespace netchat::harness

#pragma once

// PostgreSQL's programs: where they are, and how they are run. PostgreSQL refuses root, so root
// runs them as the user `postgres`, or as `nobody` where there is none.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::harness {

// A handle of a process, which keeps to it whatever becomes of its number; negative: it is gone.
int handleOf(pid_t pid);
// Waits until that process has ended, at most so long, and closes the handle.
void waitForProcess(int handle, int64_t timeoutMs);
// Waits until a child has ended, at most so long, and takes its exit status.
std::optional<int> waitForChild(pid_t pid, int64_t timeoutMs);

// The end of a text file: at most about 2000 bytes, on lines of their own. Empty if it has none.
std::string endOfFile(const std::filesystem::path& path);

// Any thread, one at a time.
class PostgresPrograms {
  public:
    struct Run {
        std::vector<std::string> words;  // "initdb" or "/bin/cp", and its arguments
        std::filesystem::path log;       // where its output goes, at the end
        std::filesystem::path input = "/dev/null";
        int64_t timeoutMs = 60'000;  // of run(), which ends it then
    };

    // Debian's PostgreSQL 15; otherwise that of pg_config or of PATH. Error: there is none.
    static Result<PostgresPrograms> find();

    // Begins a program in a session of its own, so that Ctrl-C in the terminal does not reach it.
    Result<pid_t> spawn(const Run& run) const;
    // Runs it to its end. The error has the end of the log.
    Status run(const Run& run) const;
    // Makes a folder that belongs to the user who runs the programs.
    Status makeFolder(const std::filesystem::path& folder) const;
    // Mounts a file system of that size, which belongs to that user.
    Status mountSmallDisk(const std::filesystem::path& folder, uint64_t bytes) const;

  private:
    explicit PostgresPrograms(std::filesystem::path binaries);
    std::vector<std::string> withRights(const std::vector<std::string>& words) const;

    std::filesystem::path binaries_;
    std::optional<uid_t> uid_;  // whose rights are taken; none: this process's own
    gid_t gid_ = 0;
};

}  // namespace netchat::harness

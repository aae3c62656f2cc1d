#pragma once

// The files beside a log that tell the next start of this run: log_start.h says what they mean.

#include <filesystem>
#include <memory>
#include <string>

#include "modes/store/log_start.h"

namespace netchat::store {

// What the last run left beside `log`; identity and total are the caller's to fill in. Changes
// nothing.
LogFound findLastRun(const std::filesystem::path& log);

// One thread, the log's. What cannot be written is left out: the next start then takes the log for
// one that may be a copy, which costs nobody an entry.
class LogMarkFile {
  public:
    // Begins a run. Null: its files cannot be written, and there are none of an earlier run.
    static std::unique_ptr<LogMarkFile> begin(const std::filesystem::path& log,
                                              const std::string& identity, uint64_t total);
    ~LogMarkFile();
    LogMarkFile(const LogMarkFile&) = delete;
    LogMarkFile& operator=(const LogMarkFile&) = delete;

    // So many entries are committed. One small write to the kernel, which survives the process: a
    // mapped page would cost nothing, and a signal where the disk is full.
    void committed(uint64_t total);
    // The run is over and the log closed: syncs it, and says so.
    void ended();

  private:
    LogMarkFile(std::filesystem::path log, int fd, uint64_t total,
                std::unique_ptr<LogWitness> witness)
        : log_(std::move(log)), fd_(fd), total_(total), witness_(std::move(witness)) {}

    const std::filesystem::path log_;
    const int fd_;
    uint64_t total_;
    const std::unique_ptr<LogWitness> witness_;  // null: there is none
};

}  // namespace netchat::store

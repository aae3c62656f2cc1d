#pragma once

// Which run had a log last, and how many entries it had then, remembered outside the log's disk: in
// the machine's memory (/dev/shm), where it lasts as long as the machine runs. A disk that is put
// back to a snapshot takes the log back with all files beside it, to the last byte; only this tells
// the next start. One page for each log, of this user alone; those of logs that are gone are
// removed by the next that is made. One thread, the log's.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace netchat::store {

struct LogWitnessed {
    std::string token;  // of the run
    uint64_t total = 0;
};

class LogWitness {
  public:
    // Nothing where there is none: the machine has been started since, or none can be kept.
    static std::optional<LogWitnessed> find(const std::filesystem::path& log);
    // Begins with a run. Null: none can be kept, and there is none of an earlier run.
    static std::unique_ptr<LogWitness> begin(const std::filesystem::path& log,
                                             const LogWitnessed& witnessed);
    ~LogWitness();
    LogWitness(const LogWitness&) = delete;
    LogWitness& operator=(const LogWitness&) = delete;

    // A write to memory.
    void count(uint64_t total);

  private:
    struct Page;
    explicit LogWitness(Page* page) : page_(page) {}

    Page* const page_;
};

}  // namespace netchat::store

#pragma once

// One PostgreSQL of a pair: its folder, its port and its process.
//
//     folder/disk/data      its data; the disk may be a small one of its own
//     folder/wal            its write-ahead log, always on the disk of the folder
//     folder/log            what it and its tools print

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "harness/postgres/programs.h"

namespace netchat::harness {

// Any thread, one at a time. The programs outlive it. Whoever owns it ends its process: see pair.h.
class PostgresNode {
  public:
    struct Settings {
        std::string name;  // as which it follows the other
        std::filesystem::path folder;
        uint16_t port = 0;
        uint16_t otherPort = 0;
        std::string synchronous;  // synchronous_standby_names
        bool fsync = true;
        uint64_t diskBytes = 0;  // of a disk of its own; 0: it has none
    };

    PostgresNode(const PostgresPrograms& programs, Settings settings);
    ~PostgresNode();  // takes the exit status of a process that somebody has ended
    PostgresNode(const PostgresNode&) = delete;
    PostgresNode& operator=(const PostgresNode&) = delete;

    Status makeFolders();
    // A new database cluster, with a role and a database `netchat`.
    Status initialise();
    // The same cluster as that of a node that does not run, as its standby.
    Status copyFrom(const PostgresNode& other);
    // The same as that of the other, which runs. What it had is thrown away.
    Status backUpOther();

    // Starts the process.
    Status launch();
    // Waits until it answers.
    Status waitUntilAnswering();
    Status start();
    // It finishes what its clients do not need, and ends.
    Status stop();
    // SIGKILL to it and all its processes, which are gone then.
    void kill();
    bool running() const { return pid_ != 0; }

    // Asks as superuser.
    Result<std::string> ask(const std::string& sql) const;
    // Asks until that is the answer.
    Status waitFor(const std::string& sql, const std::string& answer) const;

    uint16_t port() const { return settings_.port; }
    const std::string& name() const { return settings_.name; }
    std::filesystem::path disk() const { return settings_.folder / "disk"; }
    std::filesystem::path log() const { return settings_.folder / "log"; }
    // The error with the end of the log.
    Error failed(const std::string& what) const;

  private:
    std::filesystem::path data() const { return disk() / "data"; }
    std::filesystem::path wal() const { return settings_.folder / "wal"; }
    Status run(std::vector<std::string> words,
               const std::filesystem::path& input = "/dev/null") const;
    Status clear();
    Status configure(bool standby) const;
    void forgetSharedMemory() const;

    const PostgresPrograms& programs_;
    const Settings settings_;
    pid_t pid_ = 0;  // 0: it does not run
};

}  // namespace netchat::harness

#pragma once

// A pair of PostgreSQLs on 127.0.0.1: a primary, and a standby that each commit waits for. It is
// made to be broken: its primary is killed, the standby promoted, and who was killed comes back as
// the other's standby. Tests and the harness (harness/run/breakable_pair.h) break it.
//
//     primary + standby --- killPrimary() ---> standby --- promoteStandby() ---> primary
//            ^                                                                      |
//            '------------------------------- rebuild() ----------------------------'
//
// Whatever becomes of the process that started it, its processes end and its folder goes.

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/faults/database.h"
#include "harness/postgres/janitor.h"
#include "harness/postgres/node.h"
#include "harness/postgres/programs.h"
#include "protocol/result.h"

namespace netchat::harness {

// Any thread, one at a time. Everything blocks, for at most about a minute where the machine is
// too slow. Errors have the end of PostgreSQL's log.
class PostgresPair final : public Database {
  public:
    struct Options {
        bool fsync = true;
        // Of a small disk for each, which fillDisk() fills; 0: they have none. Needs root.
        uint64_t diskBytes = 0;
    };

    // Both run, and the primary waits for the standby.
    static Result<std::unique_ptr<PostgresPair>> start(const Options& options);
    static Result<std::unique_ptr<PostgresPair>> start() { return start({}); }
    PostgresPair(const PostgresPair&) = delete;
    PostgresPair& operator=(const PostgresPair&) = delete;

    // Both end in order; no operation is possible afterwards.
    Status stop();
    // kill -9 of all its processes, in the midst of whatever they do.
    void killPrimary() override;
    // The standby becomes the primary, whether or not the other runs. It waits for a standby from
    // then on: rebuild().
    Status promoteStandby() override;
    // Who is not the primary, dead or not, becomes its standby anew, and is waited for.
    Status rebuild() override;
    void killStandby();
    Status stopStandby() override;
    // Where it was stopped or killed.
    Status startStandby() override;
    // Killed, where it still runs, and started again with what is on its disk.
    Status restartPrimary();
    // Nothing can be added to the primary's disk any more, until it is freed.
    Status fillDisk() override;
    Status freeDisk() override;
    void waitUntilFull(int64_t timeoutMs) override;
    void pause(int64_t ms) override;

    // Where a client connects to: to whichever of the two is the primary, database and role
    // `netchat`.
    std::string uri() const;
    // The same by other ports, which lead to these two nodes: of a proxy.
    static std::string uri(const std::array<uint16_t, 2>& ports);
    // Of both, in an order that does not change.
    std::array<uint16_t, 2> ports() const;
    uint16_t primaryPort() const { return primary().port(); }
    uint16_t standbyPort() const { return standby().port(); }
    // Asks the primary as superuser: the first column of the first row.
    Result<std::string> ask(const std::string& sql) const { return primary().ask(sql); }
    // What the primary has logged so far.
    std::filesystem::path primaryLog() const { return primary().log(); }
    const std::filesystem::path& folder() const { return folder_; }

  private:
    explicit PostgresPair(PostgresPrograms programs) : programs_(std::move(programs)) {}
    Status begin(const Options& options);
    Status makeFolder();
    Status waitForStandby();
    PostgresNode& primary() { return *nodes_[primary_]; }
    PostgresNode& standby() { return *nodes_[1 - primary_]; }
    const PostgresNode& primary() const { return *nodes_[primary_]; }
    const PostgresNode& standby() const { return *nodes_[1 - primary_]; }

    const PostgresPrograms programs_;
    std::filesystem::path folder_;
    std::array<std::unique_ptr<PostgresNode>, 2> nodes_;
    // Goes before the nodes, and so ends their processes.
    Janitor janitor_;
    size_t primary_ = 0;
    std::streamoff loggedBefore_ = 0;  // bytes of the primary's log when its disk was filled
};

}  // namespace netchat::harness

#pragma once

// Where the server that `netchat harness` starts keeps its rooms: with --log in databases, which
// the harness starts as well.

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "harness/run/run_options.h"

namespace netchat::cmd {

inline constexpr OptionSpec kHarnessLogOption = {
    .name = "log",
    .argument = "NAME",
    .help =
        "postgres: start a pair of PostgreSQL databases, a primary and a synchronous standby, "
        "and keep the rooms of the started server there. Requires the package postgresql-15."};
inline constexpr OptionSpec kStandbyNodeOption = {
    .name = "standby-node",
    .help = "With --log: also start a second server, which waits and takes over."};

// Reads both, and refuses what does not go with them.
void readHarnessLog(const Arguments& arguments, harness::RunOptions& run);
// Refuses with --log what goes neither with `harness` nor with `harness bench`.
void refuseWithLog(const Arguments& arguments);
// Whether --log names a database. It refuses what is neither that nor absent.
bool isOnPostgres(const Arguments& arguments);

}  // namespace netchat::cmd

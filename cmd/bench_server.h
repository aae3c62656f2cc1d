#pragma once

// The servers that `netchat harness bench` measures: one of ours for each run, the floor, or one
// that is there. One thread.

#include <sys/types.h>

#include <memory>
#include <string>

#include "cmd/arguments.h"
#include "harness/postgres/pair.h"
#include "harness/run/child_server.h"
#include "harness/run/run_folder.h"
#include "modes/net/address.h"

namespace netchat::cmd {

struct BenchServer {
    std::unique_ptr<harness::RunFolder> folder;
    std::unique_ptr<harness::PostgresPair> databases;  // with --log
    std::unique_ptr<harness::ChildServer> child;
    net::HostPort address;
    pid_t process = 0;
    // If it was started here.
    void stop();
};

BenchServer startBenchServer(const Arguments& arguments, const std::string& loops);
BenchServer startBenchFloor(const Arguments& arguments);

}  // namespace netchat::cmd

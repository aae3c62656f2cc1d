#pragma once

// How a workload is run against a server (runner.h).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault.h"
#include "modes/net/address.h"

namespace netchat::harness {

struct RunOptions {
    std::optional<net::HostPort> server;       // without it one is started
    std::vector<std::string> serverArguments;  // of the one that is started, besides its port
    size_t headerWidth = 10;                   // of the classic dialect
    std::string encoding = "utf-8";            // of the classic dialect
    int64_t timeoutMs = 120'000;               // of the whole run
    int64_t stallMs = 10'000;                  // without any news
    std::string data;            // of the server that is started: a folder, "none", or by itself
    std::string durability;      // of it; empty: its default
    bool logOnPostgres = false;  // its rooms are in a pair of databases, which is started as well
    bool standbyNode = false;    // and another server waits to take over
    std::vector<FaultStep> faults;
    int64_t settleMs = 20'000;  // with faults: for all to arrive, after the last of them
    bool verbose = false;       // each fault is printed
    // Of this program, for processes of bots: they plan the same workload.
    std::vector<std::string> workerArguments;
    bool keepFolder = false;
    bool allowStrangers = false;
    std::string command;  // that repeats the run
};

}  // namespace netchat::harness

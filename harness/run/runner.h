#pragma once

// Runs a workload against a server, and brings back the journal.
//
//     connecting -> gathering -> talking -> settling -> leaving
//
// Gathering ends when every bot knows that it is there; classic bots, whom nothing tells so, by
// having heard a probe. Talking includes the files, so that chat meets them. Settling ends when
// everything owed has arrived, or nothing has come for a while.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/faults/fault.h"
#include "harness/journal/journal.h"
#include "harness/plan/workload.h"
#include "modes/net/address.h"

namespace netchat::harness {

struct RunOptions {
    std::optional<net::HostPort> server;       // without it one is started
    std::vector<std::string> serverArguments;  // of the one that is started, besides its port
    size_t headerWidth = 10;                   // of the classic dialect
    std::string encoding = "utf-8";            // of the classic dialect
    int64_t timeoutMs = 120'000;               // of the whole run
    int64_t stallMs = 10'000;                  // without any news
    std::string data;        // of the server that is started: a folder, "none", or by itself
    std::string durability;  // of it; empty: its default
    std::vector<FaultStep> faults;
    int64_t settleMs = 20'000;  // with faults: for all to arrive, after the last of them
    bool verbose = false;       // each fault is printed
    // Of this program, for processes of bots: they plan the same workload.
    std::vector<std::string> workerArguments;
    bool keepFolder = false;
    bool allowStrangers = false;
    std::string command;  // that repeats the run
};

struct RunResult {
    enum class Trouble {
        None,      // the journal can be judged
        NoServer,  // no server, or it let somebody not in
        OurFault,  // no temporary folder, no disk
    };
    Trouble trouble = Trouble::None;
    std::string text;  // what the trouble was
    Journal journal;
    int signal = 0;                // that ended the run early, or 0
    std::string serverComplaints;  // what our server wrote to stderr, at its end
    std::filesystem::path folder;  // what was kept
};

// Blocks until the run is over. Progress goes to stderr. Call it on a process's only thread:
// SIGINT and SIGTERM end the run early, and the bots' descriptors are the process's.
RunResult runWorkload(const Workload& workload, const RunOptions& options);

}  // namespace netchat::harness

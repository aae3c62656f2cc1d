#pragma once

// Runs a workload against a server, and brings back the journal.
//
//     connecting -> gathering -> talking -> settling -> leaving
//
// Gathering ends when every bot knows that it is there; classic bots, whom nothing tells so, by
// having heard a probe. Talking includes the files, so that chat meets them. Settling ends when
// everything owed has arrived, or nothing has come for a while.

#include <filesystem>
#include <string>

#include "harness/journal/journal.h"
#include "harness/plan/workload.h"
#include "harness/run/run_options.h"

namespace netchat::harness {

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

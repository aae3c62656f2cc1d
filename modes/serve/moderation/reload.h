#pragma once

// A running server reads its settings again: who asked for it, and what came of it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "modes/serve/moderation/admin_command.h"
#include "protocol/result.h"

namespace netchat::serve {

struct ReloadRequest {
    uint64_t ticket = 0;  // of the order that it was; 0: nobody waits for an answer
    std::string by;       // for the audit log: "SIGHUP", "ctl uid 1000"
};

// A setting and its values as they are written; empty: it has none.
struct Change {
    std::string option, was, is;
};

struct ReloadReport {
    std::vector<Change> changed;      // in force now
    std::vector<Change> needRestart;  // differ from what is in force, and cannot change now
};

// One sentence: "reloaded: max-members 50000 -> 10; needs a restart: port 6121 -> 7000".
std::string reloadText(const ReloadReport& report);
// {"option":"max-members","was":"50000","is":"10","restart":false}
std::vector<Row> reloadRows(const ReloadReport& report);
// The answer to whoever ordered it.
Answer reloadAnswer(const Result<ReloadReport>& result);

// What happened, for the hub, which writes it down and answers.
struct ReloadDone {
    ReloadRequest request;
    Answer answer;
};

}  // namespace netchat::serve

#pragma once

// What a bot takes up again when its process was killed: who it was, how far it had seen, what it
// had said and begun. The parent process gathers it from the records, so that what a record says
// and what the bot goes on with are the same, whenever the kill came.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "harness/journal/journal.h"
#include "harness/plan/workload.h"
#include "modes/client/resume.h"
#include "protocol/result.h"

namespace netchat::harness {

struct BotMemory {
    struct Said {
        uint16_t room = 0;
        std::string id;
    };
    std::string secret, nick;
    uint64_t user = 0;
    uint64_t lastId = 0;
    uint32_t next = 0;                        // of its plan's messages
    std::map<uint16_t, uint64_t> seen;        // by room: the seq of the newest entry
    std::map<uint32_t, Said> said;            // by number: what has not come back
    std::map<uint32_t, std::string> uploads;  // by file: the id of those that are not over
    std::set<uint32_t> begun;                 // its own files, uploads included
    std::set<uint32_t> wanted;                // others' files that were announced and are not here

    bool known() const { return !secret.empty(); }
    // Takes one of the bot's own records; `id`: of what it said or began.
    void take(const Record& record, std::string_view id);
    // Of all that was said and has not come back, with its text.
    client::Resume resume(const Workload& workload, uint32_t bot) const;

    std::string write() const;
    static Result<BotMemory> read(std::string_view text);
};

}  // namespace netchat::harness

#pragma once

// What a run's bots will do: a pure plan from the options and the seed. Running it takes nothing
// but a clock.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/plan/payload.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::harness {

// The options that decide what is done; those that only say how it is run are RunOptions'.
struct WorkloadOptions {
    uint64_t seed = 0;
    uint32_t bots = 10;
    uint32_t messages = 20;  // of each bot
    uint32_t rooms = 1;      // the first is the lobby, where classic bots must be
    uint32_t files = 0;
    uint64_t fileBytes = limits::kMiB;
    uint64_t textBytes = 64;
    double classicShare = 0;
    double perSecond = 0;      // messages of all bots together; 0: as fast as the windows allow
    uint32_t window = 8;       // messages of one bot that have not come back yet
    uint32_t churn = 0;        // bots that leave and come back while the others talk
    bool spreadFiles = false;  // over the whole of the talking, rather than at its beginning
    bool asciiOnly = false;
    // In each bot's nick: a server that is there already keeps those of earlier runs for them.
    std::string nickTag = {};
};

struct Utterance {
    uint32_t number;
    uint16_t room;
    int64_t dueNs;  // after the talking began; 0 throughout without a rate
};

// A bot leaves after having said `afterMessage` messages, and comes back.
struct Absence {
    uint32_t afterMessage;
};

struct BotPlan {
    std::string nick;
    bool classic = false;
    std::vector<uint16_t> rooms;
    std::vector<Utterance> says;  // in order
    std::optional<Absence> absence;
};

struct FilePlan {
    std::string name;
    uint64_t size = 0;
    uint32_t sender = 0;
    uint16_t room = 0;
    uint32_t afterMessage = 0;  // its sender has said so many before
};

struct Workload {
    PayloadStyle payload;
    std::vector<std::string> rooms;
    std::vector<BotPlan> bots;
    std::string auditor;  // its nick
    std::vector<FilePlan> files;
    // Two bots of the lobby that speak until everyone has heard one of them: what one of them says
    // does not come back to it if it is classic.
    std::vector<uint32_t> probers;
    uint32_t window = 1;
    uint64_t messages = 0;  // of all bots
};

// An Error says which option does not fit.
Result<Workload> plan(const WorkloadOptions& options);

}  // namespace netchat::harness

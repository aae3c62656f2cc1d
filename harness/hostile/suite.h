#pragma once

// Attacks, one after the other, beside a crowd: each is held against what the server must do, what
// the crowd got and how long it waited, and what the server holds afterwards.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/bystanders.h"
#include "harness/hostile/health.h"

namespace netchat::harness::hostile {

struct AttackResult {
    enum class State { Held, Failed, Skipped };

    const Attack* attack = nullptr;
    State state = State::Held;
    std::vector<std::string> findings{};  // why it failed, or was skipped
    double seconds = 0;
    uint64_t delivered = 0, p99Ns = 0;
    Health health{};
};

struct PackOptions {
    std::vector<const Attack*> attacks;
    CrowdOptions crowd;
    pid_t process = 0;  // of the server, if it is known
    int64_t p99Ms = 100;
};

struct PackResult {
    std::vector<AttackResult> results;
    uint64_t delivered = 0;  // to the crowd
    std::string noCrowd;     // nothing could be tried, because nobody well-behaved was let in

    size_t count(AttackResult::State state) const;
};

// `told` is called for each as it ends.
PackResult runPack(Site& site, const PackOptions& options,
                   const std::function<void(const AttackResult&)>& told);

}  // namespace netchat::harness::hostile

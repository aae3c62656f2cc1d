#pragma once

// Attacks, one after the other, beside bystanders. Each is judged by what the server must do, by
// what the bystanders got and how long they waited, and by what the server holds afterwards.

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

struct SuiteOptions {
    std::vector<const Attack*> attacks;
    BystanderOptions bystanders;
    pid_t process = 0;  // of the server, if it is known
    int64_t p99Ms = 100;
};

struct SuiteResult {
    std::vector<AttackResult> results;
    uint64_t delivered = 0;    // to the bystanders
    std::string noBystanders;  // nothing could be tried, because nobody well-behaved was let in

    size_t count(AttackResult::State state) const;
};

// `told` is called for each as it ends.
SuiteResult runPack(Target& target, const SuiteOptions& options,
                    const std::function<void(const AttackResult&)>& told);

}  // namespace netchat::harness::hostile

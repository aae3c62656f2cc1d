// `netchat harness simulate`: many invented simulations, a server and its clients in each, and a
// verdict on every one.

#include "cmd/harness_simulate.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/simulate/scenario.h"
#include "harness/simulate/simulator.h"

namespace netchat::cmd {

namespace {

using simulate::Durability;
using simulate::Scenario;

constexpr int64_t kAny = INT64_MAX;

struct Wanted {
    uint64_t seed = 0, runs = 0, jobs = 1;
    std::optional<Durability> durability;
    bool shrink = true, replay = false;
};

std::optional<Durability> durabilityOf(const Arguments& arguments) {
    if (!arguments.has("durability")) return {};
    const std::string name = arguments.oneOf("durability", {"memory", "process", "disk"});
    for (const auto one : {Durability::Memory, Durability::Process, Durability::Disk}) {
        if (name == nameOf(one)) return one;
    }
    return {};
}

Wanted wantedOf(const Arguments& arguments) {
    Wanted out;
    out.seed = arguments.has("seed") ? static_cast<uint64_t>(arguments.number("seed", 0, kAny))
                                     : std::random_device()();
    out.runs = static_cast<uint64_t>(arguments.number("runs", 1, kAny));
    out.jobs = static_cast<uint64_t>(arguments.number("jobs", 1, 64));
    out.durability = durabilityOf(arguments);
    out.shrink = arguments.oneOf("shrink", {"on", "off"}) == "on";
    out.replay = arguments.flag("replay");
    if (out.replay) out.runs = out.jobs = 1;
    return out;
}

void printLines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
}

void tell(const char* what, const Scenario& scenario, const simulate::RunResult& result) {
    std::printf("%s:\n", what);
    printLines(scenario.lines());
    std::printf("what happened (step, its time):\n");
    printLines(result.trace);
}

void tellFailure(const Wanted& wanted, const Scenario& scenario,
                 const simulate::RunResult& result) {
    std::printf("FAIL seed %llu: %s: %s\n", static_cast<unsigned long long>(scenario.seed),
                result.violation->invariant.c_str(), result.violation->text.c_str());
    std::string again = "netchat harness simulate --seed " + std::to_string(scenario.seed);
    if (wanted.durability) again += std::string(" --durability ") + nameOf(*wanted.durability);
    std::printf("replay it: %s --replay\n", again.c_str());
    std::fflush(stdout);
    if (!wanted.shrink || wanted.replay) return;
    const Scenario small = shrink(scenario, result.violation->invariant, simulate::realFaultHooks);
    tell("the same, reduced", small, runScenario(small, simulate::realFaultHooks, true));
}

// What a job has done, in memory that the processes share.
struct Done {
    std::atomic<uint64_t> schedules = 0, steps = 0, violations = 0;
};

class Shared {
  public:
    Shared()
        : memory_(::mmap(nullptr, sizeof(Done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0)) {
        if (memory_ == MAP_FAILED) throw std::bad_alloc();
        new (memory_) Done;
    }
    ~Shared() { ::munmap(memory_, sizeof(Done)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    Done& done() { return *static_cast<Done*>(memory_); }

  private:
    void* memory_;
};

// Every `stride`th seed; the first that fails ends it, here and in the other jobs.
int runSeeds(const Wanted& wanted, uint64_t offset, uint64_t stride, Done& done) {
    for (uint64_t i = offset; i < wanted.runs && done.violations == 0; i += stride) {
        const Scenario scenario = simulate::makeScenario(wanted.seed + i, wanted.durability);
        const simulate::RunResult result =
            runScenario(scenario, simulate::realFaultHooks, wanted.replay);
        ++done.schedules;
        done.steps += result.steps;
        if (wanted.replay) tell("the scenario", scenario, result);
        if (!result.violation) continue;
        ++done.violations;
        tellFailure(wanted, scenario, result);
        return kExitNotHeld;
    }
    return kExitOk;
}

// A process for each job: a run is one thread from its beginning to its end.
int runJobs(const Wanted& wanted, Done& done) {
    std::fflush(stdout);
    std::vector<pid_t> children;
    for (uint64_t job = 0; job < wanted.jobs; ++job) {
        const pid_t child = ::fork();
        if (child == 0) {
            const int code = runSeeds(wanted, job, wanted.jobs, done);
            std::fflush(stdout);
            ::_exit(code);
        }
        if (child > 0) children.push_back(child);
    }
    int worst = children.size() == wanted.jobs ? kExitOk : kExitOurFault;
    for (const pid_t child : children) {
        int status = 0;
        if (::waitpid(child, &status, 0) != child) continue;
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(kExitOurFault);
        if (code != kExitOk) worst = code;
    }
    return worst;
}

}  // namespace

OptionGroup simulateOptions() {
    return {"simulate",
            {{.name = "runs",
              .argument = "N",
              .fallback = "1000",
              .help = "How many schedules to run, with the seeds from --seed on."},
             {.name = "jobs",
              .argument = "N",
              .fallback = "1",
              .help = "How many processes share the work."},
             {.name = "replay", .help = "Run one seed and print everything that happens."},
             {.name = "shrink",
              .argument = "on|off",
              .fallback = "on",
              .help = "Reduce a failing schedule to the smallest one that fails."}}};
}

int simulate(const Arguments& arguments) {
    if (arguments.words().size() != 1)
        throw UsageError("usage: netchat harness simulate [options]");
    const Wanted wanted = wantedOf(arguments);
    std::fprintf(stderr, "harness: simulate --seed %llu --runs %llu\n",
                 static_cast<unsigned long long>(wanted.seed),
                 static_cast<unsigned long long>(wanted.runs));
    const auto start = std::chrono::steady_clock::now();
    Shared shared;
    Done& done = shared.done();
    const int code = wanted.jobs > 1 ? runJobs(wanted, done) : runSeeds(wanted, 0, 1, done);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const uint64_t ran = done.schedules;
    std::printf(
        "%s %llu of %llu schedules, seeds %llu to %llu, %llu steps in %.1f s (%.0f a minute)\n",
        code == kExitOk ? "PASS" : "FAIL", static_cast<unsigned long long>(ran),
        static_cast<unsigned long long>(wanted.runs), static_cast<unsigned long long>(wanted.seed),
        static_cast<unsigned long long>(wanted.seed + wanted.runs - 1),
        static_cast<unsigned long long>(done.steps), seconds,
        static_cast<double>(ran) * 60 / seconds);
    if (code != kExitOk) return code;
    return std::fflush(stdout) == 0 ? kExitOk : static_cast<int>(kExitOurFault);
}

}  // namespace netchat::cmd

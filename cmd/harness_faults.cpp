#include "cmd/harness_faults.h"

#include <set>
#include <string>

#include "harness/faults/schedule.h"

namespace netchat::cmd {

namespace {

using harness::FaultStep;
using harness::FaultTarget;
using harness::FaultType;

// A killed bot is told in one packet what files there are.
constexpr uint32_t kFilesOfKilledMax = 1'000;

// What faults can strike in this run.
std::set<FaultTarget> targetsOf(const Arguments& arguments) {
    if (arguments.has("server")) return {FaultTarget::Connection};
    std::set<FaultTarget> targets = {FaultTarget::Connection, FaultTarget::Bots};
    targets.insert(arguments.flag("standby-node") ? FaultTarget::Node : FaultTarget::Server);
    if (arguments.has("log")) {
        targets.insert({FaultTarget::Database, FaultTarget::DatabaseLinks});
    }
    return targets;
}

// Why a run lacks it.
std::string lackOf(FaultTarget target, const Arguments& arguments) {
    if (arguments.has("server")) {
        return "cannot be used with --server: the harness kills only processes that it has started";
    }
    switch (target) {
        case FaultTarget::Database:
        case FaultTarget::DatabaseLinks:
            return "requires --log postgres";
        case FaultTarget::Node:
            return "requires --standby-node";
        case FaultTarget::Server:
            return "cannot be used with --standby-node: the other server takes over; use kill-node";
        case FaultTarget::Connection:
        case FaultTarget::Bots:
            break;
    }
    return "cannot be used here";
}

void refuseWhatFaultsCannotJudge(const harness::WorkloadOptions& run) {
    if (run.classicShare > 0) {
        throw UsageError(
            "--classic-share cannot be used with --faults: the classic protocol cannot resume a "
            "lost connection");
    }
    if (run.churn > 0) {
        throw UsageError(
            "--churn cannot be used with --faults: it would be unclear who must receive what");
    }
}

void refuseWhatIsNotThere(const std::vector<FaultStep>& steps, const std::set<FaultTarget>& targets,
                          const Arguments& arguments) {
    for (const FaultStep& step : steps) {
        if (targets.contains(step.type->target)) continue;
        throw UsageError("--faults " + std::string(step.type->name) + " " +
                         lackOf(step.type->target, arguments));
    }
}

}  // namespace

std::vector<FaultStep> faultsOf(const Arguments& arguments, const harness::WorkloadOptions& run) {
    if (!arguments.has("faults")) return {};
    const auto targets = targetsOf(arguments);
    const auto counts = harness::parseFaults(arguments.text("faults"), targets);
    if (!counts) arguments.refuse("faults", counts.error());
    refuseWhatFaultsCannotJudge(run);
    auto steps =
        harness::planFaults(*counts, run.seed, run.bots, uint64_t{run.bots} * run.messages);
    refuseWhatIsNotThere(steps, targets, arguments);
    const FaultType* const ofBots = harness::faultOn(FaultTarget::Bots, steps);
    if (ofBots != nullptr && run.files > kFilesOfKilledMax) {
        throw UsageError("--faults " + std::string(ofBots->name) + " allows at most " +
                         std::to_string(kFilesOfKilledMax) + " --files");
    }
    return steps;
}

OptionGroup faultOptions() {
    OptionGroup group{
        .title = "Faults",
        .options = {
            {.name = "faults",
             .argument = "LIST",
             .help = "Faults to inject, separated by commas, from the list below. network: all "
                     "that act on connections. all: all that this run can have. Add =N to a fault "
                     "to inject it N times instead of as often as usual."},
            {.name = "settle",
             .argument = "DURATION",
             .fallback = "20s",
             .help = "Everything must arrive within this time after the last fault."},
            {.name = "verbose", .help = "Print each fault when planned and when injected."}}};
    for (const FaultType* type : harness::kFaultCatalogue) {
        group.values.push_back({.usage = std::string(type->name),
                                .help = std::string(type->summary) + " (usually " +
                                        std::to_string(type->usual) + ")"});
    }
    return group;
}

}  // namespace netchat::cmd

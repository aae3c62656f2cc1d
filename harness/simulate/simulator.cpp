#include "harness/simulate/simulator.h"

#include <algorithm>
#include <utility>

#include "harness/plan/rng.h"
#include "harness/simulate/simulation.h"

namespace netchat::simulate {

namespace {

// A smaller scenario runs in another order, in which the fault may hide: each is tried in several.
constexpr uint64_t kSchedules = 12;
constexpr int kRunsMax = 6'000;

class Shrinker {
  public:
    Shrinker(Scenario scenario, std::string invariant, const MakeFaultHooks& faultHooks)
        : best_(std::move(scenario)), invariant_(std::move(invariant)), faultHooks_(faultHooks) {}

    Scenario run() {
        size_t before = 0;
        do {
            before = weight();
            dropPeople();
            dropFaults();
            dropActions();
            simplify();
        } while (weight() < before && runs_ < kRunsMax);
        return best_;
    }

  private:
    size_t weight() const {
        size_t sizes = 0;
        for (const auto& client : best_.clients) {
            for (const Action& action : client.actions) sizes += 1 + (action.size > 1);
        }
        return 100 * best_.clients.size() + 10 * best_.faults.size() + sizes + best_.shards;
    }

    bool tryIt(Scenario candidate) {
        for (uint64_t i = 0; i < kSchedules && runs_ < kRunsMax; ++i) {
            ++runs_;
            if (i > 0) candidate.scheduleSeed = harness::mix(best_.seed, 3, i);
            const RunResult result = runScenario(candidate, faultHooks_);
            if (!result.violation || result.violation->invariant != invariant_) continue;
            candidate.stepsMax = std::min(candidate.stepsMax, result.steps);
            best_ = std::move(candidate);
            return true;
        }
        return false;
    }

    void dropPeople() {
        for (size_t i = best_.clients.size(); i-- > 0 && best_.clients.size() > 1;) {
            Scenario candidate = best_;
            candidate.clients.erase(candidate.clients.begin() + static_cast<std::ptrdiff_t>(i));
            std::erase_if(candidate.faults, [i](const Fault& fault) { return fault.who == i; });
            for (Fault& fault : candidate.faults) fault.who -= fault.who > i;
            tryIt(std::move(candidate));
        }
    }

    void dropFaults() {
        for (size_t i = best_.faults.size(); i-- > 0;) {
            Scenario candidate = best_;
            candidate.faults.erase(candidate.faults.begin() + static_cast<std::ptrdiff_t>(i));
            tryIt(std::move(candidate));
        }
    }

    // Halves, quarters, … of each client's actions, at last single ones.
    void dropActions() {
        for (size_t p = 0; p < best_.clients.size(); ++p) {
            for (size_t part = best_.clients[p].actions.size(); part > 0; part /= 2) {
                for (size_t at = best_.clients[p].actions.size(); at >= part;) {
                    at -= part;
                    Scenario candidate = best_;
                    auto& actions = candidate.clients[p].actions;
                    const auto from = actions.begin() + static_cast<std::ptrdiff_t>(at);
                    actions.erase(from, from + static_cast<std::ptrdiff_t>(part));
                    tryIt(std::move(candidate));
                    at = std::min(at, best_.clients[p].actions.size());
                }
            }
        }
    }

    void simplify() {
        if (best_.lateLog) {
            Scenario candidate = best_;
            candidate.lateLog = false;
            tryIt(std::move(candidate));
        }
        if (best_.shards > 1) {
            Scenario candidate = best_;
            candidate.shards = 1;
            if (!tryIt(candidate) && best_.shards > 2) {
                candidate.shards = 2;
                tryIt(std::move(candidate));
            }
        }
        for (size_t p = 0; p < best_.clients.size(); ++p) {
            for (size_t a = 0; a < best_.clients[p].actions.size(); ++a) {
                if (best_.clients[p].actions[a].size <= 1) continue;
                Scenario candidate = best_;
                candidate.clients[p].actions[a].size = 1;
                tryIt(std::move(candidate));
            }
        }
    }

    Scenario best_;
    std::string invariant_;
    const MakeFaultHooks& faultHooks_;
    int runs_ = 0;
};

}  // namespace

RunResult runScenario(const Scenario& scenario, const MakeFaultHooks& faultHooks, bool traced) {
    Trace trace(traced);
    const auto around = faultHooks();
    Simulation simulation(scenario, *around, trace);
    RunResult result;
    result.violation = simulation.run();
    result.steps = simulation.steps();
    result.fingerprint = trace.fingerprint();
    result.trace = trace.lines();
    return result;
}

Scenario shrink(const Scenario& scenario, const std::string& invariant,
                const MakeFaultHooks& faultHooks) {
    return Shrinker(scenario, invariant, faultHooks).run();
}

std::unique_ptr<FaultHooks> realFaultHooks() {
    return std::make_unique<FaultHooks>();
}

}  // namespace netchat::simulate

#pragma once

// Many runs, one after another, each from its seed; and a failing one made small.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/simulate/fault_hooks.h"
#include "harness/simulate/invariant_checker.h"
#include "harness/simulate/scenario.h"

namespace netchat::simulate {

using MakeFaultHooks = std::function<std::unique_ptr<FaultHooks>()>;

struct RunResult {
    std::optional<Violation> violation;
    uint64_t steps = 0;
    uint64_t fingerprint = 0;  // equal runs have equal ones
    std::vector<std::string> trace;
};

// `traced`: keeps the trace, which is slow.
RunResult runScenario(const Scenario& scenario, const MakeFaultHooks& faultHooks,
                      bool traced = false);

// A scenario, as small as was found, in which the same invariant does not hold. Deterministic.
Scenario shrink(const Scenario& scenario, const std::string& invariant,
                const MakeFaultHooks& faultHooks);

// Nothing but the real fault hooks.
std::unique_ptr<FaultHooks> realFaultHooks();

}  // namespace netchat::simulate

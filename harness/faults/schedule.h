#pragma once

// Which faults a run has, when and where: planned from the options and the seed before the run, so
// that it can be printed and repeated. A step is due by what the bots have said, not by the clock:
// a slow machine has the same schedule as a fast one. Pure.

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/faults/catalogue.h"
#include "protocol/result.h"

namespace netchat::harness {

// How many of each, by place in the catalogue.
using FaultCounts = std::array<uint32_t, kFaultCatalogue.size()>;

// "network" (all faults of connections), "all" (all whose target is among `targets`), or names
// separated by commas, each with "=N" where it is not to be the usual number: "cut=20,kill-server".
// A name is taken even if the run lacks its target. BadValue says what is wrong.
Result<FaultCounts> parseFaults(std::string_view list, const std::set<FaultTarget>& targets);

// In the order in which they fall due.
std::vector<FaultStep> planFaults(const FaultCounts& counts, uint64_t seed, uint32_t bots,
                                  uint64_t messages);

// The first fault that strikes `target`, or null.
const FaultType* faultOn(FaultTarget target, const std::vector<FaultStep>& steps);
// Its steps say which bot they are for.
bool isOfBot(FaultTarget target);

// "after 120 said: bot 17: cut up after 4312 bytes"
std::string stepText(const FaultStep& step);
// The same without when and whom: "cut up after 4312 bytes".
std::string faultText(const FaultStep& step);
// "12 faults (cut 5, kill-server 7), fingerprint 1f0c9a2e": equal for equal schedules.
std::string scheduleText(const std::vector<FaultStep>& steps);

}  // namespace netchat::harness

#pragma once

// Which faults a run has, when and where: planned from the options and the seed before the run, so
// that it can be printed and repeated. An order is due by what the bots have said, not by the
// clock: a slow machine has the same schedule as a fast one. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/faults/fault.h"
#include "protocol/result.h"

namespace netchat::harness {

// "delay", "half-open", "kill-server" …: the names in options, journals and reports.
std::string_view faultName(FaultKind kind);
bool isOfProcess(FaultKind kind);

// How many of each.
using FaultCounts = std::array<uint32_t, kFaultKindCount>;

// "all", "network" (all but the kills), or names separated by commas, each with "=N" where it is
// not to be the usual number: "cut=20,kill-server". BadValue says what is wrong.
Result<FaultCounts> parseFaults(std::string_view list);

// In the order in which they fall due.
std::vector<FaultStep> planFaults(const FaultCounts& counts, uint64_t seed, uint32_t bots,
                                  uint64_t messages);

bool hasFault(const std::vector<FaultStep>& orders, FaultKind kind);

// "after 120 said: cut bot 17 up after 4312 bytes"
std::string orderText(const FaultStep& order);
// The same without when: "cut up after 4312 bytes".
std::string faultText(const FaultStep& order);
// "12 faults (cut 5, kill-server 7), fingerprint 1f0c9a2e": equal for equal schedules.
std::string scheduleText(const std::vector<FaultStep>& orders);

}  // namespace netchat::harness

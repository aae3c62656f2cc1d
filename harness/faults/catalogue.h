#pragma once

// Every fault there is. A fault is one file, which defines its row; here it is declared and listed.
// The parser, help, schedules and tests go through the list. Nothing else knows a fault by name.

#include <array>
#include <string_view>

#include "harness/faults/fault.h"

namespace netchat::harness {

namespace faults {

extern const FaultType kDelay;
extern const FaultType kJitter;
extern const FaultType kThrottle;
extern const FaultType kSlice;
extern const FaultType kCut;
extern const FaultType kReset;
extern const FaultType kHalfOpen;
extern const FaultType kStall;
extern const FaultType kKillServer;
extern const FaultType kKillBots;
extern const FaultType kKillPrimary;
extern const FaultType kStopStandby;
extern const FaultType kCutLog;
extern const FaultType kFullLog;
extern const FaultType kKillNode;

}  // namespace faults

// A new fault goes last: a schedule draws by a fault's place, and old seeds keep their schedules.
inline constexpr std::array kFaultCatalogue = {
    &faults::kDelay,      &faults::kJitter,   &faults::kThrottle,    &faults::kSlice,
    &faults::kCut,        &faults::kReset,    &faults::kHalfOpen,    &faults::kStall,
    &faults::kKillServer, &faults::kKillBots, &faults::kKillPrimary, &faults::kStopStandby,
    &faults::kCutLog,     &faults::kFullLog,  &faults::kKillNode,
};

}  // namespace netchat::harness

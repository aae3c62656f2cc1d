#pragma once

// The machine's own clock, which only counts, for whoever must know how much time has passed over
// a suspension. Any thread.

#include <cstdint>

namespace netchat::net {

int64_t machineMs();  // since the machine was started, suspended or not

}  // namespace netchat::net

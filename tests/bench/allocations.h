#pragma once

// How often this program has asked for memory: operator new is replaced (allocations.cpp), so that
// what allocates for each message is seen.

#include <cstdint>

namespace netchat::bench {

uint64_t allocationsSoFar();

}  // namespace netchat::bench

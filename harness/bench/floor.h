#pragma once

// The floor: the least that a server on one thread can do for the members of a measurement, as a
// yardstick for one that does everything. No limits, no files, no history, no pace: a message is
// encoded once into its room's bytes, and once per turn everyone is sent what is new, in one call.

#include <cstddef>
#include <cstdint>
#include <functional>

#include "harness/bench/bench.h"

namespace netchat::harness {

// Whether this load is one that the floor can take.
bool floorServes(const BenchOptions& options);

// Serves both dialects on 127.0.0.1 until the process ends; port 0 is a free one, and `listening`
// is told which. Returns only when it cannot begin.
Error serveFloor(uint16_t port, size_t headerWidth, const std::function<void(uint16_t)>& listening);

}  // namespace netchat::harness

#pragma once

// Ports that stay free for who is killed and comes back: outside of those that the kernel gives to
// connections. Any thread.

#include <array>
#include <cstdint>

#include "protocol/result.h"

namespace netchat::harness {

// Two different ports of 127.0.0.1 that nobody listens on.
Result<std::array<uint16_t, 2>> freePorts();

}  // namespace netchat::harness

#pragma once

// How long a run of bots takes to leave its server.

#include <cstdint>

namespace netchat::bot {

// A server that does not answer a bye does not keep a run from ending.
inline constexpr int64_t kByeMs = 2'000;
// For the bytes of a bye to go out, where the run has no more time.
inline constexpr int64_t kByeAtOnceMs = 100;

}  // namespace netchat::bot

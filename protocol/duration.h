#pragma once

// Durations as people type them: 500ms, 5s, 2m, 1h, 90d. Pure functions, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// The longest duration that is taken: beyond it a wait is for ever, which nothing here does.
inline constexpr int64_t kDurationMsMax = 1000LL * 60 * 60 * 24 * 365 * 100;

// Milliseconds. A whole number and one of ms, s, m, h, d, without a space; "0" needs no unit.
Result<int64_t> parseDuration(std::string_view text);

// The shortest exact form that parseDuration() reads again: 1500 -> "1500ms", 120000 -> "2m".
std::string durationText(int64_t ms);

}  // namespace netchat

#pragma once

// The two dialects' forms of a moment, both UTC. Moments are milliseconds since 1970 (Unix time);
// the years 0000 to 9999 are covered. Pure functions, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

std::string classicTime(int64_t unixMs);  // 23-11-2026 14:36:00
std::string isoTime(int64_t unixMs);      // 2026-11-23T14:36:00.123Z, RFC 3339

Result<int64_t> parseClassicTime(std::string_view text);
Result<int64_t> parseIsoTime(std::string_view text);

}  // namespace netchat

#pragma once

// Sizes in bytes as people type and read them: 1048576, 64MiB, 10MB. Pure functions, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// Bytes. A whole number, alone or with B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB
// (powers of 1000); capitals do not matter.
Result<uint64_t> parseSize(std::string_view text);

// For people, not for parsing: "512 B", "1.5 MiB", "2.0 GiB".
std::string sizeText(uint64_t bytes);

}  // namespace netchat

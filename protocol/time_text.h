#pragma once

// The two dialects' forms of a moment, both UTC. Moments are milliseconds since 1970 (Unix time);
// the years 0000 to 9999 are covered. Pure functions, any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// A moment's text, without memory of its own: every message that is written carries one.
class TimeText {
  public:
    operator std::string_view() const { return {chars_.data(), size_}; }  // NOLINT: it is one
    std::string str() const { return std::string(std::string_view(*this)); }
    friend bool operator==(const TimeText& a, std::string_view b) {
        return std::string_view(a) == b;
    }

    // `value` in so many digits, and a character behind them.
    void put(unsigned value, size_t digits, char after = 0);

  private:
    std::array<char, 24> chars_;
    size_t size_ = 0;
};

TimeText classicTime(int64_t unixMs);  // 23-11-2026 14:36:00
TimeText isoTime(int64_t unixMs);      // 2026-11-23T14:36:00.123Z, RFC 3339

Result<int64_t> parseClassicTime(std::string_view text);
Result<int64_t> parseIsoTime(std::string_view text);

}  // namespace netchat

#include "protocol/duration.h"

#include <array>
#include <charconv>

namespace netchat {
namespace {

struct TimeUnit {
    std::string_view name;
    int64_t ms;
};

constexpr std::array<TimeUnit, 5> kTimeUnits{{{"d", 24LL * 60 * 60 * 1000},
                                              {"h", 60LL * 60 * 1000},
                                              {"m", 60LL * 1000},
                                              {"s", 1000},
                                              {"ms", 1}}};

Error badDuration(std::string_view text) {
    return {ErrorCode::BadValue,
            "invalid duration \"" + std::string(text) +
                "\"; use a whole number and a unit: 500ms, 5s, 2m, 1h, 90d (at most 100 years)"};
}

}  // namespace

Result<int64_t> parseDuration(std::string_view text) {
    int64_t number = 0;
    const char* end = text.data() + text.size();
    auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number < 0 || text.front() == '-') return badDuration(text);
    std::string_view unit(rest, static_cast<size_t>(end - rest));
    if (unit.empty() && number == 0) return int64_t{0};
    for (const TimeUnit& candidate : kTimeUnits) {
        if (candidate.name != unit) continue;
        if (number > kDurationMsMax / candidate.ms) return badDuration(text);
        return number * candidate.ms;
    }
    return badDuration(text);
}

std::string durationText(int64_t ms) {
    for (const TimeUnit& unit : kTimeUnits) {
        if (ms != 0 && ms % unit.ms == 0)
            return std::to_string(ms / unit.ms) + std::string(unit.name);
    }
    return std::to_string(ms) + "ms";
}

}  // namespace netchat

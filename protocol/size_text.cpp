#include "protocol/size_text.h"

#include <array>
#include <charconv>
#include <limits>

namespace netchat {
namespace {

struct SizeUnit {
    std::string_view name;  // in lower case
    uint64_t bytes;
};

constexpr uint64_t kKilo = 1000, kKibi = 1024;

constexpr std::array<SizeUnit, 10> kSizeUnits{{{"", 1},
                                               {"b", 1},
                                               {"kib", kKibi},
                                               {"mib", kKibi* kKibi},
                                               {"gib", kKibi* kKibi* kKibi},
                                               {"tib", kKibi* kKibi* kKibi* kKibi},
                                               {"kb", kKilo},
                                               {"mb", kKilo* kKilo},
                                               {"gb", kKilo* kKilo* kKilo},
                                               {"tb", kKilo* kKilo* kKilo* kKilo}}};

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

Error badSize(std::string_view text) {
    return {ErrorCode::BadValue,
            "invalid size \"" + std::string(text) +
                "\"; use a whole number of bytes, or a number and a unit: 64MiB, 2GiB, 10MB"};
}

}  // namespace

Result<uint64_t> parseSize(std::string_view text) {
    uint64_t number = 0;
    const char* end = text.data() + text.size();
    auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) return badSize(text);
    std::string unit = lowerCase({rest, static_cast<size_t>(end - rest)});
    for (const SizeUnit& candidate : kSizeUnits) {
        if (candidate.name != unit) continue;
        if (number > std::numeric_limits<uint64_t>::max() / candidate.bytes) return badSize(text);
        return number * candidate.bytes;
    }
    return badSize(text);
}

std::string sizeText(uint64_t bytes) {
    static constexpr std::array<std::string_view, 5> kNames{"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < kKibi) return std::to_string(bytes) + " B";
    size_t unit = 0;
    uint64_t scale = kKibi;
    while (unit + 1 < kNames.size() && bytes / scale >= kKibi) scale *= kKibi, ++unit;
    uint64_t whole = bytes / scale, tenths = (bytes % scale) / (scale / 10);
    if (tenths > 9) tenths = 9;
    return std::to_string(whole) + "." + std::to_string(tenths) + " " + std::string(kNames[unit]);
}

}  // namespace netchat

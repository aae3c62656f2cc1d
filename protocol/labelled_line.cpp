#include "protocol/labelled_line.h"

#include <limits>

namespace netchat {

std::optional<std::string_view> valueOf(std::string_view line, std::string_view label) {
    for (size_t tab = line.find('\t'); tab != std::string_view::npos;
         tab = line.find('\t', tab + 1)) {
        const std::string_view item = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
        if (item.starts_with(label)) return item.substr(label.size());
    }
    return {};
}

std::string paddedNumber(uint64_t number) {
    constexpr size_t kDigits = std::numeric_limits<uint64_t>::digits10 + 1;
    const std::string digits = std::to_string(number);
    return std::string(kDigits - digits.size(), '0') + digits;
}

}  // namespace netchat

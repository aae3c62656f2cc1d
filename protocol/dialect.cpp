#include "protocol/dialect.h"

#include <algorithm>

#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat {

Guess guessDialect(std::string_view bytes) {
    const std::string_view header = bytes.substr(0, limits::kHeaderWidth);
    const size_t digits = std::min(header.find_first_not_of("0123456789"), header.size());
    const bool proper = header.find_first_not_of(' ', digits) == std::string_view::npos;
    if (!proper || (digits == 0 && !header.empty())) return Guess::Classic;
    if (header.size() < limits::kHeaderWidth) return Guess::Open;
    const auto length = parseHeader(header);
    // What no greeting measures is refused at once, not when the greeting's time is up.
    const bool fits =
        length && *length >= v2::kGreeting.size() && *length <= limits::kHelloBytesMax;
    if (!fits) return Guess::Classic;
    const std::string_view verb = bytes.substr(limits::kHeaderWidth, v2::kGreeting.size());
    if (!v2::kGreeting.starts_with(verb)) return Guess::Classic;
    return verb.size() == v2::kGreeting.size() ? Guess::V2 : Guess::Open;
}

}  // namespace netchat

#pragma once

// Ids that count, as nearly all do: they come in ascending order, and need no search.

#include <charconv>
#include <cstdint>
#include <string_view>

namespace netchat::store {

// The number that an id plainly is (no sign, no leading zero), or 0.
inline uint64_t idNumber(std::string_view id) {
    uint64_t number = 0;
    const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool plain = failure == std::errc{} && end == id.data() + id.size() && id[0] != '0';
    return plain ? number : 0;
}

}  // namespace netchat::store

#pragma once

// Compares secrets in a time that does not tell where they differ. Pure, any thread.

#include <cstddef>
#include <string_view>

namespace netchat {

inline bool sameSecret(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

}  // namespace netchat

#pragma once

// What a test's file holds: bytes of all values, always the same.

#include <cstddef>
#include <cstdint>
#include <string>

namespace netchat::test {

inline std::string bytesOf(size_t size) {
    std::string bytes(size, '\0');
    uint32_t state = 12345;
    for (auto& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

}  // namespace netchat::test

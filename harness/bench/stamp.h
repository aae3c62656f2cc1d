#pragma once

// What a measured message carries in front: who sent it, its number, and when. Six bits to a
// character, '0' to 'o': any dialect and charset carries it, and no text looks like a file's name.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace netchat::harness {

struct Stamp {
    static constexpr size_t kBytes = 18;
    static constexpr uint32_t kProbe = 4095;  // as sender: heard, and not counted

    uint32_t sender = 0;  // among its room's, below kProbe
    uint64_t number = 0;  // from 0; below 2^36
    int64_t ns = 0;       // below 2^60

    void write(char* to) const {
        put(to, 2, sender);
        put(to + 2, 6, number);
        put(to + 8, 10, static_cast<uint64_t>(ns));
    }
    // Of a text with at least kBytes bytes.
    static Stamp read(std::string_view text) {
        return {static_cast<uint32_t>(get(text.data(), 2)), get(text.data() + 2, 6),
                static_cast<int64_t>(get(text.data() + 8, 10))};
    }

  private:
    static void put(char* to, int digits, uint64_t value) {
        for (int i = digits - 1; i >= 0; --i, value >>= 6) {
            to[i] = static_cast<char>('0' + (value & 63));
        }
    }
    static uint64_t get(const char* from, int digits) {
        uint64_t value = 0;
        for (int i = 0; i < digits; ++i) {
            value = value << 6 | (static_cast<uint64_t>(from[i] - '0') & 63);
        }
        return value;
    }
};

}  // namespace netchat::harness

#pragma once

// Random inputs from a seed that a failing test names. NETCHAT_SEED=n repeats one of them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace netchat {

class Random {
  public:
    explicit Random(uint64_t seed) : engine_(seed) {}

    // 0 to `most`.
    size_t upTo(size_t most) { return std::uniform_int_distribution<size_t>(0, most)(engine_); }
    bool oneIn(size_t n) { return upTo(n - 1) == 0; }
    char byte() { return static_cast<char>(upTo(255)); }

    std::string bytes(size_t size) {
        std::string out(size, '\0');
        for (char& c : out) c = byte();
        return out;
    }
    // Bytes that the codecs give a meaning to, and a few others.
    std::string meaningfulBytes(size_t size) {
        constexpr std::string_view kAlphabet =
            "0123456789     \t\t\n::%%abcmsgroom\xD0\xB6\xFF\x1B";
        std::string out(size, '\0');
        for (char& c : out) c = kAlphabet[upTo(kAlphabet.size() - 1)];
        return out;
    }
    // The same with some bytes changed, lost, doubled or put in.
    std::string mutated(std::string text) {
        for (size_t n = upTo(4); n > 0 && !text.empty(); --n) {
            const size_t at = upTo(text.size() - 1);
            switch (upTo(4)) {
                case 0:
                    text[at] = byte();
                    break;
                case 1:
                    text[at] = meaningfulBytes(1)[0];
                    break;
                case 2:
                    text.erase(at, 1 + upTo(8));
                    break;
                case 3:
                    text.insert(at, meaningfulBytes(1 + upTo(8)));
                    break;
                default:
                    text.insert(at, text.substr(at, 1 + upTo(40)));
            }
        }
        return text;
    }

  private:
    std::mt19937_64 engine_;
};

// Runs the check once for each of `count` seeds; stops at the first that fails.
template <class Check>
void forEachSeed(uint64_t count, Check check) {
    const char* only = std::getenv("NETCHAT_SEED");
    const uint64_t first = only ? std::strtoull(only, nullptr, 10) : 1;
    for (uint64_t seed = first; seed < first + (only ? 1 : count); ++seed) {
        SCOPED_TRACE("repeat with NETCHAT_SEED=" + std::to_string(seed));
        Random random(seed);
        check(random);
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace netchat

#pragma once

// What the fuzzed targets have in common: properties that must hold of any bytes, and the pieces
// that a stream may come in. A target is one function of bytes; in a build for fuzzing libFuzzer
// calls it, in all others replay_main.cpp.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace netchat::fuzz {

[[noreturn]] inline void broken(const char* file, int line, const char* property) {
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
    std::abort();
}

[[noreturn]] inline void differ(const char* file, int line, std::string_view a,
                                std::string_view b) {
    std::fprintf(stderr, "%s:%d: not the same\n--- one\n%.*s\n--- other\n%.*s\n", file, line,
                 static_cast<int>(a.size()), a.data(), static_cast<int>(b.size()), b.data());
    std::abort();
}

#define HOLDS(property) \
    ((property) ? void() : ::netchat::fuzz::broken(__FILE__, __LINE__, #property))

#define SAME(a, b)                                                                     \
    do {                                                                               \
        const std::string sameA(a), sameB(b);                                          \
        if (sameA != sameB) ::netchat::fuzz::differ(__FILE__, __LINE__, sameA, sameB); \
    } while (false)

inline std::string_view textOf(const uint8_t* data, size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Takes choices and texts off the front of an input; zeros and nothing when it is used up.
class Choices {
  public:
    explicit Choices(std::string_view bytes) : bytes_(bytes) {}

    bool empty() const { return bytes_.empty(); }
    uint8_t byte() {
        if (bytes_.empty()) return 0;
        const auto byte = static_cast<uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        return byte;
    }
    size_t below(size_t count) { return byte() % count; }
    std::string_view take(size_t most) {
        const auto taken = bytes_.substr(0, most);
        bytes_.remove_prefix(taken.size());
        return taken;
    }
    // Up to the next newline, which is taken with it.
    std::string_view line() {
        const auto taken = bytes_.substr(0, bytes_.find('\n'));
        take(taken.size() + 1);
        return taken;
    }
    std::string_view rest() { return take(bytes_.size()); }

  private:
    std::string_view bytes_;
};

using Pieces = std::vector<std::string_view>;

inline Pieces byteByByte(std::string_view bytes) {
    Pieces out;
    for (size_t i = 0; i < bytes.size(); ++i) out.push_back(bytes.substr(i, 1));
    return out;
}

// Small and large pieces, the same for the same bytes: the bytes say where they are cut, so that a
// fuzzer can move the cuts, and a seed is nothing but an example.
inline Pieces cut(std::string_view bytes) {
    uint64_t state = 14695981039346656037ULL;
    for (const char c : bytes) state = (state ^ static_cast<uint8_t>(c)) * 1099511628211ULL;
    Pieces out;
    while (!bytes.empty()) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const auto chance = static_cast<size_t>(state >> 33);
        out.push_back(bytes.substr(0, 1 + chance / 4 % (chance % 4 == 0 ? 100 : 9)));
        bytes.remove_prefix(out.back().size());
    }
    return out;
}

}  // namespace netchat::fuzz

#pragma once

// The texts and files that bots send: made from the run's seed alone, so that whoever receives one
// knows what every byte of it must be.
//
//     9c21e07f.12.345.tok_en...        run (8 hexadecimal digits), sender, number, filling
//     !9c21e07f.12.345.tok_en...       a share begins with the sign of the client's commands
//
// The filling differs by message: plain words, words that match the classic file rule ("100%"),
// several scripts, TABs and newlines, things that look like heads and headers of the protocol.
// Pure functions, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace netchat::harness {

// What all texts of a run have in common.
struct PayloadStyle {
    uint64_t seed = 0;
    uint64_t size = 64;      // bytes of a text; kPayloadBytesMin at least
    bool asciiOnly = false;  // for charsets that do not hold everything
};

inline constexpr uint64_t kPayloadBytesMin = 32;

// "9c21e07f": names the run in texts, nicks and file names.
std::string runName(uint64_t seed);

// Valid UTF-8 of exactly style.size bytes (or kPayloadBytesMin).
std::string makeText(const PayloadStyle& style, uint32_t sender, uint32_t number);

// Who a text says it is from; empty if it is not one of this run's.
struct TextMark {
    uint32_t sender, number;
};
std::optional<TextMark> readMark(const PayloadStyle& style, std::string_view text);

// Whether `text` is, byte by byte, what was said. On its way through the classic dialect a text
// that matches the file rule gets one space at its end: `classic` allows it that.
bool isAsSaid(std::string_view said, std::string_view text, bool classic);

// The bytes of a run's file at `offset`, `size` of them, in any pieces the same.
std::string fileBytes(uint64_t seed, uint32_t file, uint64_t offset, uint64_t size);

}  // namespace netchat::harness

#include "harness/plan/payload.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/plan/rng.h"
#include "protocol/names.h"
#include "protocol/utf8.h"

namespace netchat::harness {

namespace {

constexpr size_t kRunDigits = 8;

// What the filling is drawn from; a share of the messages uses each.
constexpr std::array<std::string_view, 6> kWords = {"the",  "quick", "brown",
                                                    "cafe", "build", "0123456789"};
constexpr std::array<std::string_view, 8> kScripts = {"привет", "日本語", "ελληνικά", "עברית",
                                                      "😀🎉",     "ñandú",  "한국어",   "…—„“"};
constexpr std::array<std::string_view, 8> kProtocol = {
    "\t",   "\n",  "room:lobby\tid:1",   "5         ", "msg\tseq:1",
    "\r\n", "%\n", "10        netchat/2"};

enum class Filling { Words, FileRule, Scripts, Protocol, Percent, Command };

Filling fillingOf(uint64_t chance, bool asciiOnly) {
    switch (chance % 10) {
        case 0:
            return Filling::FileRule;
        case 1:
        case 2:
            return asciiOnly ? Filling::Words : Filling::Scripts;
        case 3:
            return Filling::Protocol;
        case 4:
            return Filling::Percent;
        case 5:
            return Filling::Command;
        default:
            return Filling::Words;
    }
}

template <size_t N>
void fillFrom(std::string& out, size_t size, const std::array<std::string_view, N>& words,
              std::string_view gap, Rng& chance) {
    while (out.size() < size) {
        const std::string_view word = words[chance.below(N)];
        if (out.size() + word.size() + gap.size() > size) break;
        out.append(word).append(gap);
    }
}

std::string markOf(uint64_t seed, uint32_t sender, uint32_t number) {
    return runName(seed) + '.' + std::to_string(sender) + '.' + std::to_string(number) + '.';
}

template <class Number>
bool takeNumber(std::string_view& text, Number& number, int base = 10) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    const size_t used = static_cast<size_t>(end - text.data());
    if (error != std::errc() || used == text.size() || text[used] != '.') return false;
    text.remove_prefix(used + 1);
    return true;
}

}  // namespace

std::string runName(uint64_t seed) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    uint64_t value = mix(seed, 0x72756E);
    std::string out;
    for (size_t i = 0; i < kRunDigits; ++i, value >>= 4) out += kDigits[value & 15];
    return out;
}

std::string makeText(const PayloadStyle& style, uint32_t sender, uint32_t number) {
    const size_t size = std::max(style.size, kPayloadBytesMin);
    Rng chance(mix(style.seed, sender, number));
    const Filling filling = fillingOf(chance.next(), style.asciiOnly);
    std::string out = filling == Filling::Command ? "!" : "";
    out += markOf(style.seed, sender, number);
    const size_t end = filling == Filling::Percent || filling == Filling::FileRule ? 1 : 0;
    if (filling == Filling::Scripts) fillFrom(out, size - end, kScripts, " ", chance);
    if (filling == Filling::Protocol) fillFrom(out, size - end, kProtocol, "", chance);
    if (filling != Filling::FileRule) fillFrom(out, size - end, kWords, " ", chance);
    // Random letters to the end: no two texts are alike, and any changed byte is noticed.
    while (out.size() < size - end) out += static_cast<char>('a' + chance.below(26));
    if (end != 0) out += '%';
    return out;
}

std::optional<TextMark> readMark(const PayloadStyle& style, std::string_view text) {
    if (text.starts_with('!')) text.remove_prefix(1);
    const std::string run = runName(style.seed) + '.';
    if (!text.starts_with(run)) return {};
    text.remove_prefix(run.size());
    TextMark mark{};
    if (!takeNumber(text, mark.sender) || !takeNumber(text, mark.number)) return {};
    return mark;
}

bool isAsSaid(std::string_view said, std::string_view text, bool classic) {
    if (text == said) return true;
    return classic && matchesFileRule(said) && text.size() == said.size() + 1 &&
           text.starts_with(said) && text.back() == ' ';
}

std::string fileBytes(uint64_t seed, uint32_t file, uint64_t offset, uint64_t size) {
    constexpr uint64_t kWord = sizeof(uint64_t);
    const uint64_t key = mix(seed, 0x66696C65, file);
    std::string out;
    out.reserve(size + kWord);
    const uint64_t skipped = offset % kWord;
    for (uint64_t word = offset / kWord; out.size() < size + skipped; ++word) {
        uint64_t value = mix(key + word);
        for (uint64_t i = 0; i < kWord; ++i, value >>= 8) out += static_cast<char>(value & 0xFF);
    }
    return out.substr(skipped, size);
}

}  // namespace netchat::harness

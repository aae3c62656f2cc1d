#include "modes/connect/screen/text/letter_case.h"

#include <algorithm>
#include <iterator>

#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

// Upper case letters and how far off their lower case is. In ranges of step 2, upper and lower case
// take turns.
struct UpperRange {
    char32_t first, last;
    int offset;
    char32_t step = 1;
};

// Ascending. Of the Unicode Character Database: simple case mappings.
constexpr UpperRange kUpperRanges[] = {
    {'A', 'Z', 32},         {0xC0, 0xD6, 32},       {0xD8, 0xDE, 32},     {0x100, 0x12E, 1, 2},
    {0x132, 0x136, 1, 2},   {0x139, 0x147, 1, 2},   {0x14A, 0x176, 1, 2}, {0x178, 0x178, -121},
    {0x179, 0x17D, 1, 2},   {0x1A0, 0x1A4, 1, 2},   {0x1AF, 0x1AF, 1},    {0x1CD, 0x1DB, 1, 2},
    {0x218, 0x21E, 1, 2},   {0x386, 0x386, 38},     {0x388, 0x38A, 37},   {0x38C, 0x38C, 64},
    {0x38E, 0x38F, 63},     {0x391, 0x3A1, 32},     {0x3A3, 0x3AB, 32},   {0x3C2, 0x3C2, 1},
    {0x400, 0x40F, 80},     {0x410, 0x42F, 32},     {0x460, 0x480, 1, 2}, {0x48A, 0x4BE, 1, 2},
    {0x4C0, 0x4C0, 15},     {0x4C1, 0x4CD, 1, 2},   {0x4D0, 0x52E, 1, 2}, {0x531, 0x556, 48},
    {0x1E00, 0x1E94, 1, 2}, {0x1EA0, 0x1EFE, 1, 2}, {0xFF21, 0xFF3A, 32},
};

// Takes the next code point of each off the front; true: they are the same letter.
bool takeSame(std::string_view& a, std::string_view& b) {
    const char32_t first = utf8::next(a), second = utf8::next(b);
    return first == second || lowerCase(first) == lowerCase(second);
}

// Where the code point begins that is the last but `n` of those before `end`.
size_t back(std::string_view text, size_t end, size_t n) {
    for (; n > 0; --n) {
        do --end;
        while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80);
    }
    return end;
}

}  // namespace

char32_t lowerCase(char32_t c) {
    const auto* range =
        std::lower_bound(std::begin(kUpperRanges), std::end(kUpperRanges), c,
                         [](const UpperRange& r, char32_t value) { return r.last < value; });
    if (range == std::end(kUpperRanges) || c < range->first) return c;
    if ((c - range->first) % range->step != 0) return c;
    return static_cast<char32_t>(static_cast<int64_t>(c) + range->offset);
}

std::optional<size_t> matchedBeginning(std::string_view text, std::string_view beginning) {
    std::string_view rest = text;
    while (!beginning.empty()) {
        if (rest.empty() || !takeSame(rest, beginning)) return std::nullopt;
    }
    return text.size() - rest.size();
}

size_t commonBeginning(std::string_view a, std::string_view b) {
    std::string_view rest = a;
    size_t common = 0;
    while (!rest.empty() && !b.empty() && takeSame(rest, b)) common = a.size() - rest.size();
    return common;
}

CaselessPattern::CaselessPattern(std::string_view pattern) {
    while (!pattern.empty()) pattern_ += lowerCase(utf8::next(pattern));
    borders_.assign(pattern_.size() + 1, 0);
    for (size_t i = 1; i < pattern_.size(); ++i) {
        borders_[i + 1] = advance(borders_[i], pattern_[i]);
    }
}

size_t CaselessPattern::advance(size_t matched, char32_t c) const {
    while (matched > 0 && pattern_[matched] != c) matched = borders_[matched];
    return pattern_[matched] == c ? matched + 1 : 0;
}

std::optional<size_t> CaselessPattern::findIn(std::string_view text) const {
    if (pattern_.empty()) return 0;
    size_t matched = 0;
    for (std::string_view rest = text; !rest.empty();) {
        matched = advance(matched, lowerCase(utf8::next(rest)));
        if (matched == pattern_.size()) return back(text, text.size() - rest.size(), matched);
    }
    return std::nullopt;
}

}  // namespace netchat::connect

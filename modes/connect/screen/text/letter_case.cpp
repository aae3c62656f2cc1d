#include "modes/connect/screen/text/letter_case.h"

#include <utf8proc.h>

#include <algorithm>

#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

// The form of sigma at the end of a word is in lower case, and the same letter.
constexpr char32_t kSigma = 0x3C3, kFinalSigma = 0x3C2;

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
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    if (c == kFinalSigma) return kSigma;
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
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

#include "modes/net/hangul.h"

namespace netchat::net::hangul {

namespace {

using namespace std::string_view_literals;

constexpr char32_t kFirst = 0xAC00;
constexpr char kRow = '\xA4', kFiller = '\xD4';
// The second bytes, in the order in which Unicode has the parts.
constexpr std::string_view kInitials =
    "\xA1\xA2\xA4\xA7\xA8\xA9\xB1\xB2\xB3\xB5\xB6\xB7\xB8\xB9\xBA\xBB\xBC\xBD\xBE"sv;
constexpr std::string_view kVowels =
    "\xBF\xC0\xC1\xC2\xC3\xC4\xC5\xC6\xC7\xC8\xC9\xCA\xCB\xCC\xCD\xCE\xCF\xD0\xD1\xD2\xD3"sv;
constexpr std::string_view kFinals =
    "\xD4\xA1\xA2\xA3\xA4\xA5\xA6\xA7\xA9\xAA\xAB\xAC\xAD\xAE\xAF\xB0\xB1\xB2\xB4\xB5\xB6\xB7"
    "\xB8\xBA\xBB\xBC\xBD\xBE"sv;
static_assert(kInitials.size() == 19 && kVowels.size() == 21 && kFinals.size() == 28);

}  // namespace

void appendComposed(std::string& out, char32_t syllable) {
    const size_t index = syllable - kFirst;
    const size_t initial = index / (kVowels.size() * kFinals.size());
    const size_t vowel = index / kFinals.size() % kVowels.size();
    for (const char part :
         {kFiller, kInitials[initial], kVowels[vowel], kFinals[index % kFinals.size()]}) {
        out += kRow;
        out += part;
    }
}

char32_t takeComposed(std::string_view& bytes) {
    constexpr size_t kBytes = 8;
    if (bytes.size() < kBytes || bytes[1] != kFiller) return 0;
    for (size_t i = 0; i < kBytes; i += 2) {
        if (bytes[i] != kRow) return 0;
    }
    const size_t initial = kInitials.find(bytes[3]), vowel = kVowels.find(bytes[5]),
                 last = kFinals.find(bytes[7]);
    if (initial == std::string_view::npos || vowel == std::string_view::npos ||
        last == std::string_view::npos) {
        return 0;
    }
    bytes.remove_prefix(kBytes);
    return static_cast<char32_t>(kFirst + (initial * kVowels.size() + vowel) * kFinals.size() +
                                 last);
}

}  // namespace netchat::net::hangul

#include "modes/client/nick_set.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace netchat::client {

namespace {

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string foldedNick(std::string_view nick) {
    std::string folded;
    UErrorCode status = U_ZERO_ERROR;
    const auto* const form = icu::Normalizer2::getNFKCCasefoldInstance(status);
    const auto text =
        icu::UnicodeString::fromUTF8({nick.data(), static_cast<int32_t>(nick.size())});
    if (U_FAILURE(status)) return std::string(nick);
    const icu::UnicodeString normalised = form->normalize(text, status);
    if (U_FAILURE(status)) return std::string(nick);
    normalised.toUTF8String(folded);
    return folded;
}

bool NickLess::operator()(std::string_view a, std::string_view b) const {
    // Most nicks need no tables.
    if (isAscii(a) && isAscii(b)) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [](char x, char y) { return lower(x) < lower(y); });
    }
    return foldedNick(a) < foldedNick(b);
}

}  // namespace netchat::client

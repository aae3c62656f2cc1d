#include "modes/serve/confusable.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

namespace netchat::serve {

namespace {

icu::UnicodeString fold(const icu::UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status)) return text;
    icu::UnicodeString folded = folding->normalize(text, status);
    return U_FAILURE(status) ? text : folded;
}

icu::UnicodeString skeleton(const icu::UnicodeString& text) {
    static USpoofChecker* const checker = [] {
        UErrorCode status = U_ZERO_ERROR;
        return uspoof_open(&status);
    }();
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeString bare;
    if (!checker) return text;
    uspoof_getSkeletonUnicodeString(checker, 0, text, bare, &status);
    return U_FAILURE(status) ? text : bare;
}

icu::UnicodeString read(std::string_view nick) {
    return icu::UnicodeString::fromUTF8({nick.data(), static_cast<int32_t>(nick.size())});
}

std::string written(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

}  // namespace

std::string foldedNick(std::string_view nick) {
    return written(fold(read(nick)));
}

// Folded afterwards: the skeleton of a capital I is a small l, and that of a small i is not.
std::string nickSkeleton(std::string_view nick) {
    return written(fold(skeleton(read(nick))));
}

}  // namespace netchat::serve

#include "modes/net/canonical.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

namespace netchat::net {

namespace {

const icu::Normalizer2* normalizer() {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(error);
}

}  // namespace

std::string composed(std::string_view text) {
    std::string out;
    UErrorCode error = U_ZERO_ERROR;
    if (const auto* nfc = normalizer()) {
        icu::StringByteSink<std::string> sink(&out);
        nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())),
                           sink, nullptr, error);
    }
    return U_SUCCESS(error) ? out : std::string(text);
}

std::string caseFolded(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    const auto* const form = icu::Normalizer2::getNFKCCasefoldInstance(error);
    auto given = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
    icu::UnicodeString folded;
    if (U_SUCCESS(error)) folded = form->normalize(given, error);
    std::string out;
    (U_SUCCESS(error) ? folded : given).toUTF8String(out);
    return out;
}

std::u32string spelledOut(char32_t c) {
    icu::UnicodeString parts;
    const auto* nfc = normalizer();
    if (!nfc || !nfc->getRawDecomposition(static_cast<UChar32>(c), parts)) return {};
    std::u32string out;
    for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
        out += static_cast<char32_t>(parts.char32At(i));
    }
    return out;
}

}  // namespace netchat::net

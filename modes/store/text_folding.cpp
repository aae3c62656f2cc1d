#include "modes/store/text_folding.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>

namespace netchat::store {

namespace {

using icu::Normalizer2;
using icu::UnicodeString;

struct Forms {
    const Normalizer2 *caseless, *apart, *together;
};

const Forms& forms() {
    static const Forms all = [] {
        UErrorCode error = U_ZERO_ERROR;
        return Forms{Normalizer2::getNFKCCasefoldInstance(error),
                     Normalizer2::getNFDInstance(error), Normalizer2::getNFCInstance(error)};
    }();
    return all;
}

// Do marks on this letter leave it the same letter for who searches?
bool losesMark(UChar32 base, UChar32 mark) {
    UErrorCode error = U_ZERO_ERROR;
    switch (uscript_getScript(base, &error)) {
        case USCRIPT_LATIN:
        case USCRIPT_GREEK:
        case USCRIPT_HEBREW:
        case USCRIPT_ARABIC:
            return true;
        case USCRIPT_CYRILLIC:
            // "ё" is "е", and a stress is none of the word's; but "й", "ї" and "ќ" are letters.
            if (mark == 0x308) return base == 0x435;
            return (mark == 0x300 || mark == 0x301) && base != 0x433 && base != 0x43A;
        default:
            return false;
    }
}

// Marks may stand on these, or be these.
bool mayHaveMark(char16_t c) {
    return (c >= 0xC0 && c < 0x250) || (c >= 0x300 && c < 0x700) || (c >= 0x1DC0 && c < 0x2000);
}

bool isMark(UChar32 c) {
    return u_charType(c) == U_NON_SPACING_MARK;
}

UnicodeString withoutMarks(const UnicodeString& text, UErrorCode& error) {
    const UnicodeString apart = forms().apart->normalize(text, error);
    UnicodeString bare;
    UChar32 base = 0;
    for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
        const UChar32 c = apart.char32At(i);
        if (!isMark(c)) {
            base = c;
        } else if (base != 0 && losesMark(base, c)) {
            continue;
        }
        bare.append(c);
    }
    return forms().together->normalize(bare, error);
}

}  // namespace

std::string withoutCaseAndAccents(std::string_view text) {
    std::string out(text);
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
    if (ascii) {
        for (char& c : out) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        return out;
    }
    UErrorCode error = U_ZERO_ERROR;
    const auto size = static_cast<int32_t>(text.size());
    UnicodeString folded = forms().caseless->normalize(
        UnicodeString::fromUTF8(icu::StringPiece(text.data(), size)), error);
    const char16_t* units = folded.getBuffer();
    if (units && std::any_of(units, units + folded.length(), mayHaveMark)) {
        folded = withoutMarks(folded, error);
    }
    if (U_FAILURE(error)) return out;
    out.clear();
    return folded.toUTF8String(out);
}

}  // namespace netchat::store

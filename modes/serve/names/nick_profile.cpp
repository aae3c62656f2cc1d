#include "modes/serve/names/nick_profile.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <vector>

#include "modes/serve/limits/cloak.h"
#include "modes/serve/limits/network.h"
#include "modes/serve/names/confusable.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/utf8.h"

namespace netchat::serve {

namespace {

using icu::UnicodeString;
using Text = std::u32string;

Text decoded(std::string_view text) {
    Text out;
    while (!text.empty()) out.push_back(utf8::next(text));
    return out;
}

std::string encoded(const Text& text) {
    std::string out;
    for (const char32_t c : text) utf8::append(out, c);
    return out;
}

enum class Form { Composed, Decomposed, Compatible };

const icu::Normalizer2* normaliser(Form form) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* found = form == Form::Composed     ? icu::Normalizer2::getNFCInstance(status)
                        : form == Form::Decomposed ? icu::Normalizer2::getNFDInstance(status)
                                                   : icu::Normalizer2::getNFKCInstance(status);
    return U_FAILURE(status) ? nullptr : found;
}

std::string normalised(std::string_view text, Form wanted) {
    const auto* const form = normaliser(wanted);
    UErrorCode status = U_ZERO_ERROR;
    if (!form) return std::string(text);
    std::string out;
    form->normalize(UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())}),
                    status)
        .toUTF8String(out);
    return U_FAILURE(status) ? std::string(text) : out;
}

// ---- the IdentifierClass (RFC 8264, 8)

UChar32 icuOf(char32_t c) {
    return static_cast<UChar32>(c);
}

template <size_t n>
bool isOneOf(const std::array<char32_t, n>& all, char32_t c) {
    return std::find(all.begin(), all.end(), c) != all.end();
}

bool isLetterOrDigit(char32_t c) {
    constexpr uint32_t kLetterDigits = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK | U_GC_ND_MASK |
                                       U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
    return (U_GET_GC_MASK(icuOf(c)) & kLetterDigits) != 0;
}

bool isOldJamo(char32_t c) {
    const auto type = u_getIntPropertyValue(icuOf(c), UCHAR_HANGUL_SYLLABLE_TYPE);
    return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool hasCompatible(char32_t c) {
    std::string one;
    utf8::append(one, c);
    return normalised(one, Form::Compatible) != one;
}

// The exceptions of RFC 8264, 9.6, among them what is allowed in its context only.
constexpr std::array<char32_t, 6> kAllowed = {0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007};
constexpr std::array<char32_t, 10> kNotAllowed = {0x640,  0x7FA,  0x302E, 0x302F, 0x3031,
                                                  0x3032, 0x3033, 0x3034, 0x3035, 0x303B};

bool isArabicDigit(char32_t c) {
    return c >= 0x660 && c <= 0x669;
}
bool isPersianDigit(char32_t c) {
    return c >= 0x6F0 && c <= 0x6F9;
}

bool isOfScript(char32_t c, UScriptCode script) {
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(icuOf(c), &status) == script;
}

// RFC 5892, A.3 to A.9; none: not a matter of context.
std::optional<bool> allowedByContext(const Text& text, size_t at) {
    const char32_t c = text[at];
    const char32_t before = at > 0 ? text[at - 1] : 0;
    const char32_t after = at + 1 < text.size() ? text[at + 1] : 0;
    switch (c) {
        case 0xB7:
            return before == 'l' && after == 'l';
        case 0x375:
            return isOfScript(after, USCRIPT_GREEK);
        case 0x5F3:
        case 0x5F4:
            return isOfScript(before, USCRIPT_HEBREW);
        case 0x30FB:
            return std::any_of(text.begin(), text.end(), [](char32_t other) {
                return isOfScript(other, USCRIPT_HIRAGANA) || isOfScript(other, USCRIPT_KATAKANA) ||
                       isOfScript(other, USCRIPT_HAN);
            });
        default:
            break;
    }
    if (isArabicDigit(c)) return std::none_of(text.begin(), text.end(), isPersianDigit);
    if (isPersianDigit(c)) return std::none_of(text.begin(), text.end(), isArabicDigit);
    return {};
}

bool isAllowed(const Text& text, size_t at) {
    const char32_t c = text[at];
    if (isOneOf(kAllowed, c)) return true;
    if (isOneOf(kNotAllowed, c)) return false;
    if (const auto allowed = allowedByContext(text, at)) return *allowed;
    if (c < 0x80) return c > 0x20 && c < 0x7F;
    return !drawsNothing(c) && !isOldJamo(c) && !hasCompatible(c) && isLetterOrDigit(c);
}

// ---- marks

bool isMark(char32_t c) {
    return (U_GET_GC_MASK(icuOf(c)) & (U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ME_MASK)) != 0;
}

// It stands on a letter of its own script, unless it is for letters of any.
bool standsOn(char32_t mark, char32_t base) {
    UErrorCode status = U_ZERO_ERROR;
    const UScriptCode script = uscript_getScript(icuOf(mark), &status);
    if (script == USCRIPT_INHERITED || script == USCRIPT_COMMON) return true;
    return uscript_hasScript(icuOf(base), script);
}

// It joins what is before it to what follows, and is not seen itself.
bool joinsTwo(char32_t c) {
    const auto kind = u_getIntPropertyValue(icuOf(c), UCHAR_INDIC_SYLLABIC_CATEGORY);
    return kind == U_INSC_INVISIBLE_STACKER || kind == U_INSC_NUMBER_JOINER;
}

// With every mark apart from its letter.
Text decomposed(const Text& text) {
    return decoded(normalised(encoded(text), Form::Decomposed));
}

// Whether a mark of a decomposed text is one too many, or has nothing to stand on.
bool isStray(const Text& text, size_t at) {
    constexpr size_t kMarksMax = 4;
    if (!isMark(text[at])) return false;
    size_t base = at;
    while (base > 0 && isMark(text[base])) --base;
    if (isMark(text[base]) || text[base] == ' ' || at - base > kMarksMax) return true;
    if (text[at - 1] == text[at] || !standsOn(text[at], text[base])) return true;
    const bool last = at + 1 == text.size() || !u_isalnum(icuOf(text[at + 1]));
    return joinsTwo(text[at]) && last;
}

// ---- the direction (RFC 5893, 2)

bool isReadOneWay(const Text& text) {
    bool rightToLeft = false, european = false, arabic = false, both = false;
    UCharDirection last = U_OTHER_NEUTRAL;
    std::vector<UCharDirection> all;
    for (const char32_t c : text) {
        const auto direction = c == ' ' ? U_OTHER_NEUTRAL : u_charDirection(icuOf(c));
        all.push_back(direction);
        if (direction != U_DIR_NON_SPACING_MARK) last = direction;
        const bool right = direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
        rightToLeft = rightToLeft || right || direction == U_ARABIC_NUMBER;
        european = european || direction == U_EUROPEAN_NUMBER;
        arabic = arabic || direction == U_ARABIC_NUMBER;
        both = both || direction == U_LEFT_TO_RIGHT;
    }
    if (!rightToLeft) return true;
    const bool begins = all.front() == U_RIGHT_TO_LEFT || all.front() == U_RIGHT_TO_LEFT_ARABIC;
    const bool ends = last == U_RIGHT_TO_LEFT || last == U_RIGHT_TO_LEFT_ARABIC ||
                      last == U_EUROPEAN_NUMBER || last == U_ARABIC_NUMBER;
    return begins && ends && !both && !(european && arabic);
}

Error badNick(std::string why) {
    return {ErrorCode::BadNick, std::move(why)};
}

Error twoDirections(std::string_view what) {
    return badNick("a " + std::string(what) +
                   " with right-to-left letters must begin with one, end with one or a digit, and "
                   "contain no other letters");
}

// "U+2800".
std::string nameOf(char32_t c) {
    char text[16];
    std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(c));
    return text;
}

std::string shown(char32_t c) {
    std::string text;
    utf8::append(text, c);
    return "'" + text + "' (" + nameOf(c) + ")";
}

// ---- mending

// What stands in a classic user's name for a character that is not allowed there.
Text mended(const Text& text, size_t at) {
    const char32_t c = text[at];
    if (isAllowed(text, at)) return Text(1, c);
    if (u_charType(icuOf(c)) == U_SPACE_SEPARATOR) return U" ";
    if (drawsNothing(c)) return {};
    const Text compatible = decoded(normalised(encoded(Text(1, c)), Form::Compatible));
    for (size_t i = 0; i < compatible.size(); ++i) {
        if (!isAllowed(compatible, i)) return U"_";
    }
    return compatible;
}

Text withoutStrays(const Text& given) {
    Text text = decomposed(given);
    for (size_t i = 0; i < text.size();) {
        if (isStray(text, i)) {
            text.erase(i, 1);
            i = 0;  // others may have stood on it
        } else {
            ++i;
        }
    }
    return decoded(composed(encoded(text)));
}

Text withSingleSpaces(const Text& text) {
    Text out;
    for (const char32_t c : text) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out.push_back(c);
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

// By "#2" operators mean a user.
bool isUserNumber(std::string_view name) {
    return name.size() > 1 && name.front() == '#' &&
           std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string composedOfUsualWidth(std::string_view name) {
    Text text = decoded(name);
    for (char32_t& c : text) c = ofUsualWidth(c);
    return composed(encoded(text));
}

}  // namespace

std::string composed(std::string_view name) {
    return normalised(name, Form::Composed);
}

Result<std::string> preparedNick(std::string_view given) {
    if (auto status = checkNick(given); !status) return status.error();
    std::string nick = composedOfUsualWidth(given);
    if (auto status = checkNick(nick); !status) return status.error();
    if (beginsLikeACloak(nick)) {
        return badNick("a nick must not begin with 'cloak:', which stands for an address");
    }
    if (Network::parse(nick)) {
        return badNick("a nick must not be an address or a network");
    }
    if (isUserNumber(nick)) {
        return badNick("a nick must not be '#' and digits, which stands for a user's number");
    }
    const Text text = decoded(nick);
    for (size_t i = 0; i < text.size(); ++i) {
        if (drawsNothing(text[i])) {
            return badNick("a nick must not contain " + nameOf(text[i]) + ", which is invisible");
        }
        if (!isAllowed(text, i)) {
            return badNick("a nick can contain letters, digits and ASCII characters, but not " +
                           shown(text[i]));
        }
    }
    const Text apart = decomposed(text);
    for (size_t i = 0; i < apart.size(); ++i) {
        if (!isStray(apart, i)) continue;
        return badNick("a nick must not contain the mark " + nameOf(apart[i]) + " in this place");
    }
    if (!isReadOneWay(text)) return twoDirections("nick");
    return nick;
}

Result<std::string> mendedName(std::string_view given) {
    if (auto status = checkClassicName(given); !status) return status.error();
    const Text before = decoded(composedOfUsualWidth(given));
    Text text;
    for (size_t i = 0; i < before.size(); ++i) text += mended(before, i);
    text = withSingleSpaces(withoutStrays(text));
    if (text.size() > limits::kNickCodePointsMax) text.resize(limits::kNickCodePointsMax);
    text = withSingleSpaces(withoutStrays(text));
    if (isUserNumber(encoded(text))) text.front() = U'_';
    if (Network::parse(encoded(text))) text.front() = U'_';
    if (beginsLikeACloak(encoded(text))) text[kCloakPrefix.size() - 1] = U'_';
    if (text.empty()) return badNick("a user name must have a visible character");
    if (!isReadOneWay(text)) return twoDirections("user name");
    return encoded(text);
}

Status checkNewRoom(std::string_view room) {
    if (const std::string right = composed(room); right != room) {
        return Error{ErrorCode::BadRoom,
                     "a room name must be in the Unicode form NFC: join '" + right + "'"};
    }
    if (room.starts_with('@')) {
        return Error{ErrorCode::BadRoom,
                     "a room name must not begin with '@', which stands for a person"};
    }
    char32_t before = 0;
    for (std::string_view rest = room; !rest.empty();) {
        const char32_t c = utf8::next(rest);
        const bool picksADrawing = c == 0xFE0E || c == 0xFE0F;  // of the emoji before it
        const bool isSeen = !drawsNothing(c) || (picksADrawing && before != 0);
        before = c;
        if (isSeen) continue;
        return Error{ErrorCode::BadRoom,
                     "a room name must not contain " + nameOf(c) + ", which is invisible"};
    }
    return Ok{};
}

}  // namespace netchat::serve

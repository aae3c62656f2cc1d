#include "modes/serve/names/confusable.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/net/canonical.h"

namespace netchat::serve {

namespace {

using icu::UnicodeString;

UnicodeString read(std::string_view text) {
    return UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

UnicodeString inForm(const icu::Normalizer2* form, UErrorCode status, const UnicodeString& text) {
    if (U_FAILURE(status)) return text;
    UnicodeString out = form->normalize(text, status);
    return U_FAILURE(status) ? text : out;
}

// What ICU takes for the picture of a text.
UnicodeString pictureOf(const UnicodeString& text) {
    static USpoofChecker* const checker = [] {
        UErrorCode status = U_ZERO_ERROR;
        return uspoof_open(&status);
    }();
    UErrorCode status = U_ZERO_ERROR;
    UnicodeString picture;
    if (!checker) return text;
    uspoof_getSkeletonUnicodeString(checker, 0, text, picture, &status);
    return U_FAILURE(status) ? text : picture;
}

template <class Visit>
void eachCodePoint(const UnicodeString& text, Visit visit) {
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) visit(text.char32At(i));
}

bool drawsOnOthers(UChar32 c) {
    const auto type = u_charType(c);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

// ---- a name, character by character

// A letter and the marks above and below it.
struct Glyph {
    UChar32 base = 0;  // 0: marks that begin the name
    UnicodeString marks;

    bool operator==(const Glyph& other) const { return base == other.base && marks == other.marks; }
    UnicodeString picture(UChar32 asBase) const {
        return pictureOf(base == 0 ? marks : UnicodeString(asBase).append(marks));
    }
};

// Some letters are two in another case: ß is SS. Beside what draws nothing they are all that
// changes how many glyphs there are.
UnicodeString spelledOut(UChar32 c) {
    UnicodeString folded(c);
    folded.foldCase();
    return folded.countChar32() > 1 ? folded : UnicodeString(c);
}

// In its canonical form: a compatible one (of a lunate sigma, a sigma) would look otherwise.
UnicodeString takenApart(std::string_view name) {
    UnicodeString usual;
    eachCodePoint(read(name), [&](UChar32 c) {
        usual.append(static_cast<UChar32>(ofUsualWidth(static_cast<char32_t>(c))));
    });
    UErrorCode status = U_ZERO_ERROR;
    const auto* const form = icu::Normalizer2::getNFDInstance(status);
    return inForm(form, status, usual);
}

std::vector<Glyph> glyphsOf(std::string_view name) {
    std::vector<Glyph> glyphs;
    glyphs.reserve(name.size());
    const auto isAscii = [](char c) { return c >= ' ' && c < 0x7F; };
    if (std::all_of(name.begin(), name.end(), isAscii)) {
        for (const char c : name) glyphs.push_back({c, {}});
        return glyphs;
    }
    eachCodePoint(takenApart(name), [&](UChar32 given) {
        if (drawsNothing(static_cast<char32_t>(given)) && given != ' ') return;
        eachCodePoint(spelledOut(given), [&](UChar32 c) {
            if (!drawsOnOthers(c)) return glyphs.push_back({c, {}});
            if (glyphs.empty()) glyphs.push_back({});
            glyphs.back().marks.append(c);
        });
    });
    return glyphs;
}

// Whether the characters around it, as far as there are any, are capitals.
bool amongCapitals(const std::vector<Glyph>& name, size_t at) {
    const bool before = at == 0 || u_isupper(name[at - 1].base);
    const bool after = at + 1 == name.size() || u_isupper(name[at + 1].base);
    return name.size() > 1 && before && after;
}

bool isAsciiDigit(UChar32 c) {
    return c >= '0' && c <= '9';
}

// Whether `name`'s character, as it is written, passes for another case of `other`.
bool passesFor(const std::vector<Glyph>& name, size_t at, const Glyph& other) {
    const Glyph& glyph = name[at];
    const UnicodeString picture = glyph.picture(glyph.base);
    const auto isIt = [&](UChar32 base) {
        if (u_islower(glyph.base) && u_isupper(base) && !amongCapitals(name, at)) return false;
        return picture == other.picture(base);
    };
    return isIt(u_foldCase(other.base, U_FOLD_CASE_DEFAULT)) || isIt(u_toupper(other.base));
}

bool glyphsAlike(const std::vector<Glyph>& a, const std::vector<Glyph>& b, size_t at) {
    const Glyph &x = a[at], &y = b[at];
    if (x == y) return true;
    if (isAsciiDigit(x.base) && isAsciiDigit(y.base)) return false;
    const auto fold = [](UChar32 c) { return u_foldCase(c, U_FOLD_CASE_DEFAULT); };
    if (fold(x.base) == fold(y.base) && x.marks == y.marks) return true;
    return x.picture(x.base) == y.picture(y.base) ||
           x.picture(fold(x.base)) == y.picture(fold(y.base)) ||
           x.picture(u_toupper(x.base)) == y.picture(u_toupper(y.base)) || passesFor(a, at, y) ||
           passesFor(b, at, x);
}

bool allAlike(const std::vector<Glyph>& a, const std::vector<Glyph>& b) {
    for (size_t i = 0; i < a.size(); ++i) {
        if (!glyphsAlike(a, b, i)) return false;
    }
    return true;
}

// The small palochka, which ICU takes for an i only, is drawn as an l. Whether there is one.
bool drawPalochkas(std::vector<Glyph>& name) {
    constexpr UChar32 kSmallPalochka = 0x4CF;
    bool any = false;
    for (Glyph& glyph : name) {
        if (glyph.base != kSmallPalochka) continue;
        glyph.base = 'l';
        any = true;
    }
    return any;
}

// ---- what a table of names is hashed by

// For every character the first of those that may stand in its place, marks aside, over any number
// of steps. Chinese characters and the like have no case: their pictures are asked for.
class LookTable {
  public:
    LookTable() {
        collect();
        for (const auto& [c, next] : next_) {
            if (const UChar32 root = rootOf(c); root != c) roots_.emplace_back(c, root);
        }
        std::sort(roots_.begin(), roots_.end());
        next_.clear();
    }

    UChar32 operator[](UChar32 c) const {
        if (const UChar32* root = find(c)) return *root;
        if (c < 0x80) return c;
        const UChar32 base = baseOf(pictureOf(UnicodeString(c)));
        const UChar32* root = base == 0 ? nullptr : find(base);
        return root ? *root : base == 0 ? c : base;
    }

  private:
    static constexpr UChar32 kApart = 0xE000;  // in no table: it keeps pictures apart

    static bool hasNoCase(UChar32 c) {
        return (c >= 0x3400 && c < 0xA000) || (c >= 0xAC00 && c < 0xF900) || c >= 0x20000;
    }
    // The only character of a picture that is no mark; 0: it has several, or none.
    static UChar32 baseOf(const UnicodeString& picture) {
        UChar32 base = 0;
        size_t count = 0;
        eachCodePoint(picture, [&](UChar32 c) {
            if (drawsOnOthers(c)) return;
            base = c;
            ++count;
        });
        return count == 1 ? base : 0;
    }

    void collect() {
        // In one call: a call for each character would take ten times as long.
        std::vector<UChar32> all;
        UnicodeString text;
        for (UChar32 c = 0x21; c < 0x20000; ++c) {
            if (hasNoCase(c) || !u_isgraph(c)) continue;
            all.push_back(c);
            text.append(c).append(kApart);
        }
        const UnicodeString pictures = pictureOf(text);
        // Pictures of several characters (of m: rn) join those that have the same one.
        std::map<UnicodeString, UChar32> several;
        int32_t from = 0;
        for (const UChar32 c : all) {
            const int32_t to = pictures.indexOf(kApart, from);
            if (to < 0) break;
            const UnicodeString picture = pictures.tempSubStringBetween(from, to);
            from = to + 1;
            const UChar32 base = baseOf(picture);
            join(c, base != 0 ? base : several.try_emplace(picture, c).first->second);
            join(c, u_foldCase(c, U_FOLD_CASE_DEFAULT));
            join(c, u_toupper(c));
        }
    }
    void join(UChar32 a, UChar32 b) {
        if (a == b) return;
        const UChar32 one = rootOf(a), two = rootOf(b);
        next_[std::max(one, two)] = std::min(one, two);
        next_.try_emplace(std::min(one, two), std::min(one, two));
    }
    UChar32 rootOf(UChar32 c) {
        for (;;) {
            const auto it = next_.find(c);
            if (it == next_.end() || it->second == c) return c;
            c = it->second;
        }
    }
    const UChar32* find(UChar32 c) const {
        const auto it = std::lower_bound(roots_.begin(), roots_.end(), std::pair{c, UChar32{0}});
        return it != roots_.end() && it->first == c ? &it->second : nullptr;
    }

    std::unordered_map<UChar32, UChar32> next_;  // while it is made
    std::vector<std::pair<UChar32, UChar32>> roots_;
};

const LookTable& lookTable() {
    static const LookTable table;
    return table;
}

}  // namespace

std::string foldedNick(std::string_view nick) {
    return net::caseFolded(nick);
}

bool looksAlike(std::string_view a, std::string_view b) {
    if (a == b) return true;
    auto one = glyphsOf(a), two = glyphsOf(b);
    if (one.size() != two.size()) return false;
    if (allAlike(one, two)) return true;
    const bool drawn = drawPalochkas(one);
    return (drawPalochkas(two) || drawn) && allAlike(one, two);
}

size_t lookHash(std::string_view name) {
    std::u32string look;
    for (const Glyph& glyph : glyphsOf(name)) {
        look.push_back(static_cast<char32_t>(lookTable()[glyph.base]));
    }
    return std::hash<std::u32string>()(look);
}

bool looksLikeTheServer(std::string_view nick) {
    static const size_t hash = lookHash(kServerNick);
    return lookHash(nick) == hash && looksAlike(nick, kServerNick);
}

char32_t ofUsualWidth(char32_t c) {
    const auto type = u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_DECOMPOSITION_TYPE);
    if (type != U_DT_WIDE && type != U_DT_NARROW) return c;
    UErrorCode status = U_ZERO_ERROR;
    const auto* const form = icu::Normalizer2::getNFKCInstance(status);
    UnicodeString mapped;
    const bool one = U_SUCCESS(status) &&
                     form->getRawDecomposition(static_cast<UChar32>(c), mapped) &&
                     mapped.countChar32() == 1;
    return one ? static_cast<char32_t>(mapped.char32At(0)) : c;
}

bool drawsNothing(char32_t given) {
    // Letters and symbols by their properties, and blank in every font.
    static constexpr std::array<char32_t, 6> kBlank = {
        0x2800,   // a Braille pattern without dots
        0x2D7F,   // joins two letters of Tifinagh
        0x13441,  // a blank among hieroglyphs
        0x13442,  // and half of one
        0x16FE4,  // fills a place in Khitan
        0x1D159,  // a note without a head
    };
    const auto c = static_cast<UChar32>(given);
    if (std::find(kBlank.begin(), kBlank.end(), given) != kBlank.end()) return true;
    // Marks of hieroglyphs, which newer versions of Unicode have: damaged, mirrored.
    if (c >= 0x13430 && c <= 0x13455 && u_charType(c) != U_OTHER_LETTER) return true;
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return true;
    switch (u_charType(c)) {
        case U_UNASSIGNED:
        case U_PRIVATE_USE_CHAR:
        case U_SURROGATE:
        case U_CONTROL_CHAR:
        case U_FORMAT_CHAR:
        case U_LINE_SEPARATOR:
        case U_PARAGRAPH_SEPARATOR:
        case U_SPACE_SEPARATOR:
            return true;
        default:
            return given == 0xFFFC;  // the place of an object that is not there
    }
}

}  // namespace netchat::serve

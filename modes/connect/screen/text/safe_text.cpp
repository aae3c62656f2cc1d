#include "modes/connect/screen/text/safe_text.h"

#include <algorithm>
#include <utility>

#include "modes/connect/screen/text/code_points.h"
#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

constexpr char32_t kNothingBefore = 0;  // no code point is before: the beginning of a text or line
constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kDottedCircle = 0x25CC;
constexpr char32_t kZeroWidthJoiner = 0x200D;
constexpr char32_t kBlackFlag = 0x1F3F4;
constexpr int kMarksMax = 4;

constexpr bool isTag(char32_t c) {
    return isBetween(c, 0xE0000, 0xE007F);
}

// Of emoji, of ideographs, and of those in the supplementary plane.
constexpr bool selectsPresentation(char32_t c) {
    return c == 0xFE0E || c == 0xFE0F;
}
constexpr bool selectsGlyph(char32_t c) {
    return isBetween(c, 0xFE00, 0xFE0D);
}
constexpr bool selectsRareGlyph(char32_t c) {
    return isBetween(c, 0xE0100, 0xE01EF);
}

// What shapes its neighbours, or keeps them apart, and shows nothing: the joiners, the combining
// grapheme joiner, the selectors and the separator of Mongolian, the inherent vowels of Khmer.
constexpr bool isJoiner(char32_t c) {
    return isBetween(c, 0x200C, 0x200D) || c == 0x034F || isBetween(c, 0x180B, 0x180F) ||
           isBetween(c, 0x17B4, 0x17B5);
}

// Scripts in which people write joiners: Hebrew, Arabic and all of India and Southeast Asia.
constexpr bool isOfJoiningScript(char32_t c) {
    return isBetween(c, 0x0590, 0x109F) || isBetween(c, 0x1700, 0x1CFF) ||
           isBetween(c, 0xA800, 0xABFF) || isBetween(c, 0xFB1D, 0xFDFF) ||
           isBetween(c, 0xFE70, 0xFEFC) || isBetween(c, 0x10A00, 0x11FFF);
}

constexpr bool isIdeograph(char32_t c) {
    return isBetween(c, 0x3400, 0x4DBF) || isBetween(c, 0x4E00, 0x9FFF) ||
           isBetween(c, 0xF900, 0xFAFF) || isBetween(c, 0x20000, 0x3FFFD);
}

constexpr std::u32string_view kLeads = U"ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
constexpr std::u32string_view kVowels = U"ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ";
constexpr std::u32string_view kTails = U"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";

// The letter that looks as a jamo does and combines with nothing; U+FFFD for those of old Korean.
constexpr char32_t letterOf(char32_t jamo) {
    const auto pick = [jamo](std::u32string_view letters, char32_t first) {
        return letters[static_cast<size_t>(jamo - first)];
    };
    if (isBetween(jamo, 0x1100, 0x1112)) return pick(kLeads, 0x1100);
    if (isBetween(jamo, 0x1161, 0x1175)) return pick(kVowels, 0x1161);
    if (isBetween(jamo, 0x11A8, 0x11C2)) return pick(kTails, 0x11A8);
    return kReplacement;
}

// Copies code points, from left to right, and changes them on the way. What it does depends on what
// is already in the copy and, for what joins two neighbours, on the next code point.
class Copying {
  public:
    Copying(std::string_view any, SafeText::Newlines newlines) : rest_(any), newlines_(newlines) {
        copy_.reserve(any.size());
    }

    std::string all() && {
        for (takeAscii(); !rest_.empty(); takeAscii()) take(utf8::next(rest_));
        return std::move(copy_);
    }

  private:
    // Most text is ASCII: as much of it as there is, at once.
    void takeAscii() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), isPrintableAscii);
        const auto size = static_cast<size_t>(end - rest_.begin());
        if (size == 0) return;
        copy_.append(rest_, 0, size);
        rest_.remove_prefix(size);
        begin(static_cast<char32_t>(copy_.back()), 1);
    }

    void take(char32_t c) {
        if (c == utf8::kInvalid || c == kReplacement) return replace();
        if (utf8::isControl(c)) return control(c);
        if (isJoiner(c)) return joiner(c);
        if (selectsPresentation(c) || selectsGlyph(c) || selectsRareGlyph(c)) return selector(c);
        if (isTag(c) && last_ == kBlackFlag) return;
        character(c);
    }

    void character(char32_t c) {
        switch (roleOf(c)) {
            case Role::Plain:
            case Role::Syllable:
            case Role::Pictograph:
                return base(c);
            case Role::Mark:
                return mark(c);
            case Role::SkinTone:
                return skinTone(c);
            case Role::Prefix:
                return nextIs(Role::Plain) ? base(c) : replace();
            case Role::Lead:
                return nextIs(Role::Vowel) ? base(c) : base(letterOf(c));
            case Role::Vowel:
                return lastIs(Role::Lead) ? join(c) : base(letterOf(c));
            case Role::Tail:
                return endsOpenSyllable() ? join(c) : base(letterOf(c));
            case Role::Unseen:
                return replace();
        }
    }

    void control(char32_t c) {
        if (c == '\n') return newline();
        if (c == '\t') return base(' ');
        if (c != '\r') return replace();
        if (!rest_.starts_with('\n')) base(' ');
    }

    void newline() {
        if (newlines_ == SafeText::Newlines::ToSpaces) return base(' ');
        copy_ += '\n';
        begin(kNothingBefore, 0);
    }

    void joiner(char32_t c) {
        if (roleOf(base_) == Role::Pictograph) {
            if (c == kZeroWidthJoiner && joinsNext()) join(c);
        } else if (!isOfJoiningScript(last_)) {
            replace();
        }
    }

    // Between two emoji, where the cluster has room for both.
    bool joinsNext() const {
        std::string_view rest = rest_;
        if (marks_ > 0 || rest.empty() || roleOf(utf8::next(rest)) != Role::Pictograph)
            return false;
        constexpr size_t kJoinerBytes = 3;
        return hasRoomFor(kJoinerBytes + rest_.size() - rest.size());
    }

    void selector(char32_t c) {
        const bool varies = selectsPresentation(c) ? isEmoji(last_) : isIdeograph(last_);
        if (varies) {
            joinWhereRoom(c);
        } else if (selectsRareGlyph(c)) {
            // Keyboards put the other ones after all kinds of symbols; these hide something.
            replace();
        }
    }

    void mark(char32_t c) {
        if (last_ == kNothingBefore) base(kDottedCircle);
        if (marks_ < kMarksMax && joinWhereRoom(c)) ++marks_;
    }

    void skinTone(char32_t c) {
        const bool colours =
            roleOf(base_) == Role::Pictograph && marks_ == 0 && !lastIs(Role::SkinTone);
        if (!colours) return replace();
        joinWhereRoom(c);
    }

    bool endsOpenSyllable() const { return lastIs(Role::Vowel) || lastIs(Role::Syllable); }

    void replace() {
        if (last_ != kReplacement) append(kReplacement), begin(kReplacement, 3);
    }

    // What begins a cluster, or goes on with one after a joiner.
    void base(char32_t c) {
        if (c == kReplacement) return replace();
        const size_t bytes = append(c);
        begin(c, last_ == kZeroWidthJoiner ? clusterBytes_ + bytes : bytes);
    }

    void begin(char32_t c, size_t clusterBytes) {
        last_ = base_ = c;
        marks_ = 0;
        clusterBytes_ = clusterBytes;
    }

    void join(char32_t c) {
        clusterBytes_ += append(c);
        last_ = c;
    }

    bool joinWhereRoom(char32_t c) {
        constexpr size_t kCodePointBytesMax = 4;
        if (!hasRoomFor(kCodePointBytesMax)) return false;
        join(c);
        return true;
    }

    size_t append(char32_t c) {
        const size_t before = copy_.size();
        utf8::append(copy_, c);
        return copy_.size() - before;
    }

    bool hasRoomFor(size_t bytes) const { return clusterBytes_ + bytes <= kClusterBytesMax; }
    bool lastIs(Role role) const { return roleOf(last_) == role; }
    bool nextIs(Role role) const {
        std::string_view rest = rest_;
        if (rest.empty()) return false;
        const char32_t c = utf8::next(rest);
        return c != utf8::kInvalid && roleOf(c) == role;
    }

    std::string_view rest_;
    const SafeText::Newlines newlines_;
    std::string copy_;
    char32_t last_ = kNothingBefore;  // of the copy
    char32_t base_ = kNothingBefore;  // what marks, selectors and skin tones were put on since
    int marks_ = 0;                   // on it
    size_t clusterBytes_ = 0;         // of the cluster that `last_` is in, a prefix aside
};

}  // namespace

SafeText::SafeText(std::string_view any, Newlines newlines) : text_(Copying(any, newlines).all()) {
}

}  // namespace netchat::connect

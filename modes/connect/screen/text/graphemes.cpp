#include "modes/connect/screen/text/graphemes.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "modes/connect/screen/text/code_points.h"
#include "modes/connect/screen/text/width_ranges.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kAsPicture = 0xFE0F;

constexpr bool isAscii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
// A code point of the same kind that the library knows. Emoji and ideographs are added to Unicode
// every year, in places that were set aside for them.
utf8proc_int32_t known(char32_t c) {
    const auto code = static_cast<utf8proc_int32_t>(c);
    if (c < 0x1F300 || utf8proc_category(code) != UTF8PROC_CATEGORY_CN) return code;
    if (isBetween(c, 0x1F300, 0x1F6FF) || isBetween(c, 0x1F900, 0x1FAFF)) return 0x1F600;
    if (isBetween(c, 0x20000, 0x2FFFD) || isBetween(c, 0x30000, 0x3FFFD)) return 0x4E00;
    return code;
}

const utf8proc_property_t& propertyOf(char32_t c) {
    return *utf8proc_get_property(known(c));
}

template <typename Range>
constexpr bool endsBefore(const Range& range, char32_t c) {
    return range.last < c;
}

// The range that holds `c`; null: none does.
template <typename Range, size_t kSize>
const Range* rangeOf(const Range (&ranges)[kSize], char32_t c) {
    const Range* range =
        std::lower_bound(std::begin(ranges), std::end(ranges), c, endsBefore<Range>);
    return range != std::end(ranges) && range->first <= c ? range : nullptr;
}

bool isTextEmoji(char32_t c) {
    return rangeOf(kTextEmojiRanges, c) != nullptr;
}

bool isSpacingMark(const utf8proc_property_t& property) {
    return property.category == UTF8PROC_CATEGORY_MC;
}

// Columns that a terminal without any notion of clusters moves on by; where terminals differ, the
// larger number.
int columnsAlone(char32_t c) {
    const utf8proc_property_t& property = propertyOf(c);
    if (property.ignorable) return 0;
    if (property.boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR) return 2;
    const int columns = utf8proc_charwidth(known(c));
    const bool isShown =
        isSpacingMark(property) || property.boundclass == UTF8PROC_BOUNDCLASS_PREPEND;
    return isShown ? std::max(columns, 1) : columns;
}

// Whether a cluster ends between two code points of it and what follows. `state` is the library's,
// 0 for a new cluster.
bool isBoundary(char32_t before, char32_t after, utf8proc_int32_t& state) {
    // What is like most letters and joins with nothing before it; this also undoes GB9c.
    if (propertyOf(after).boundclass == UTF8PROC_BOUNDCLASS_OTHER &&
        propertyOf(before).boundclass != UTF8PROC_BOUNDCLASS_PREPEND) {
        return true;
    }
    return utf8proc_grapheme_break_stateful(known(before), known(after), &state);
}

// Code points that are gathered into one cluster.
class Gathering {
  public:
    explicit Gathering(char32_t first) : last_(first), columns_(columnsAlone(first)) {}

    // False: `c` begins the next cluster.
    bool take(char32_t c) {
        if (isBoundary(last_, c, state_)) return false;
        if (c == kAsPicture && isTextEmoji(last_)) columns_ = 2;
        columns_ = std::min(2, columns_ + columnsAlone(c));
        last_ = c;
        isSingle_ = false;
        return true;
    }

    int columns() const { return columns_; }
    bool isCertain() const { return isSingle_ && rangeOf(kCertainRanges, last_) != nullptr; }

  private:
    char32_t last_;
    int columns_;
    bool isSingle_ = true;
    utf8proc_int32_t state_ = 0;
};

Cluster takeBytes(std::string_view& text, size_t bytes, int columns, bool certain) {
    const Cluster cluster{text.substr(0, bytes), columns, certain};
    text.remove_prefix(bytes);
    return cluster;
}

// nextCluster() for what is not ASCII between ASCII.
Cluster gatherCluster(std::string_view& text) {
    std::string_view rest = text;
    const char32_t first = utf8::next(rest);
    if (first == utf8::kInvalid) return takeBytes(text, 1, 1, false);
    Gathering gathering(first);
    while (!rest.empty()) {
        std::string_view after = rest;
        const char32_t c = utf8::next(after);
        if (text.size() - after.size() > kClusterBytesMax) break;
        if (c == utf8::kInvalid || !gathering.take(c)) break;
        rest = after;
    }
    return takeBytes(text, text.size() - rest.size(), gathering.columns(), gathering.isCertain());
}

bool isContinuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

// The code point that ends at `offset`, above 0, which is then moved to its beginning.
char32_t previous(std::string_view text, size_t& offset) {
    size_t begin = offset - 1;
    while (begin > 0 && offset - begin < 4 && isContinuation(text[begin])) --begin;
    std::string_view sequence = text.substr(begin, offset - begin);
    const char32_t c = utf8::next(sequence);
    if (c == utf8::kInvalid || !sequence.empty()) {
        --offset;
        return utf8::kInvalid;
    }
    offset = begin;
    return c;
}

// Whether two neighbours are in different clusters, whatever is before them.
bool isBoundaryAnywhere(char32_t before, char32_t after) {
    if (before == utf8::kInvalid || after == utf8::kInvalid) return true;
    return before != kJoiner && utf8proc_grapheme_break(known(before), known(after));
}

// A boundary before `offset`, above 0, that can be told without looking further back.
size_t boundaryBefore(std::string_view text, size_t offset) {
    char32_t after = previous(text, offset);
    while (offset > 0) {
        size_t further = offset;
        const char32_t before = previous(text, further);
        if (isBoundaryAnywhere(before, after)) break;
        offset = further;
        after = before;
    }
    return offset;
}

Role roleInHangul(const utf8proc_property_t& property) {
    switch (property.boundclass) {
        case UTF8PROC_BOUNDCLASS_L:
            return Role::Lead;
        case UTF8PROC_BOUNDCLASS_V:
            return Role::Vowel;
        case UTF8PROC_BOUNDCLASS_T:
            return Role::Tail;
        case UTF8PROC_BOUNDCLASS_LV:
            return Role::Syllable;
        default:
            return Role::Plain;
    }
}

bool isUnseen(char32_t c, const utf8proc_property_t& property) {
    return utf8::isControl(c) || utf8::isInvisible(c) || property.ignorable ||
           property.category == UTF8PROC_CATEGORY_CN || property.category == UTF8PROC_CATEGORY_CS ||
           property.boundclass == UTF8PROC_BOUNDCLASS_CONTROL;
}

bool isMark(const utf8proc_property_t& property) {
    return property.boundclass == UTF8PROC_BOUNDCLASS_EXTEND ||
           property.boundclass == UTF8PROC_BOUNDCLASS_SPACINGMARK || isSpacingMark(property);
}

}  // namespace

Cluster nextCluster(std::string_view& text) {
    if (isPrintableAscii(text[0]) && (text.size() == 1 || isAscii(text[1]))) {
        return takeBytes(text, 1, 1, true);
    }
    return gatherCluster(text);
}

size_t columnsOf(std::string_view text) {
    size_t columns = 0;
    while (!text.empty()) columns += static_cast<size_t>(nextCluster(text).columns);
    return columns;
}

std::string_view prefixOfColumns(std::string_view text, size_t columns) {
    std::string_view rest = text;
    while (!rest.empty()) {
        std::string_view after = rest;
        const auto needed = static_cast<size_t>(nextCluster(after).columns);
        if (needed > columns) break;
        columns -= needed;
        rest = after;
    }
    return text.substr(0, text.size() - rest.size());
}

size_t clusterBefore(std::string_view text, size_t offset) {
    if (offset == 0) return 0;
    std::string_view rest = text.substr(0, offset);
    rest.remove_prefix(boundaryBefore(text, offset));
    size_t begin = offset;
    while (!rest.empty()) {
        begin = offset - rest.size();
        nextCluster(rest);
    }
    return begin;
}

size_t clusterAfter(std::string_view text, size_t offset) {
    if (offset >= text.size()) return text.size();
    std::string_view rest = text.substr(offset);
    nextCluster(rest);
    return text.size() - rest.size();
}

Role roleOf(char32_t c) {
    if (isBetween(c, 0x1F3FB, 0x1F3FF)) return Role::SkinTone;
    const utf8proc_property_t& property = propertyOf(c);
    if (isUnseen(c, property)) return Role::Unseen;
    if (isMark(property)) return Role::Mark;
    if (property.boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC) return Role::Pictograph;
    if (property.boundclass == UTF8PROC_BOUNDCLASS_PREPEND) return Role::Prefix;
    return roleInHangul(property);
}

bool isEmoji(char32_t c) {
    return isTextEmoji(c) || (roleOf(c) == Role::Pictograph && columnsAlone(c) == 2);
}

}  // namespace netchat::connect

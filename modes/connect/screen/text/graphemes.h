#pragma once

// Text as people see it: extended grapheme clusters (Unicode UAX #29) and the columns that each
// takes. Only this and folded_text.h know libutf8proc. Pure functions, any thread.
//
// One rule of UAX #29 is left out, GB9c, which newer libraries have: the consonants of an Indic
// conjunct are clusters of their own, since a terminal gives each its own columns.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netchat::connect {

// A cluster has at most so many bytes here: longer ones are cut, and the rest is a cluster of its
// own. The longest emoji in use (a family of four with skin tones) has 41.
inline constexpr size_t kClusterBytesMax = 64;

struct Cluster {
    std::string_view text;  // of the text that it was taken from
    int columns = 0;        // 1 or 2; 0: nothing to be seen by itself (only of unsafe text)
    // Every terminal agrees about the columns. False for emoji, sequences of several code points,
    // East Asian ambiguous and unassigned characters: whoever draws one must not rely on where the
    // cursor is afterwards. Then the columns are rather too many than too few, so that the cluster
    // does not leave its cells.
    bool certain = true;
};

// Takes the next cluster off the front of `text`, which must not be empty. An invalid byte is a
// cluster of one column.
Cluster nextCluster(std::string_view& text);

// The sum over all clusters.
size_t columnsOf(std::string_view text);

// The longest beginning of whole clusters that fits into `columns`.
std::string_view prefixOfColumns(std::string_view text, size_t columns);

// Where the cluster begins that ends before `offset`, and where the one at `offset` ends; both
// offsets are boundaries of clusters. 0 and text.size() at the ends.
size_t clusterBefore(std::string_view text, size_t offset);
size_t clusterAfter(std::string_view text, size_t offset);

// What a code point is for its neighbours.
enum class Role : uint8_t {
    Plain,       // stands by itself
    Pictograph,  // stands by itself, or is joined to others; may have a skin tone
    SkinTone,    // colours the pictograph before it
    Mark,        // is drawn on or beside what is before it
    Prefix,      // belongs to what follows
    Lead,        // Hangul letters that are drawn as one syllable: a leading consonant,
    Vowel,       // a vowel after it,
    Tail,        // and a consonant after that, or after a
    Syllable,    // syllable that has no tail yet
    Unseen,      // is no character, acts on others, or shows nothing
};
Role roleOf(char32_t c);

// Whether a variation selector (U+FE0E, U+FE0F) chooses between text and picture after it.
bool isEmoji(char32_t c);

}  // namespace netchat::connect

#pragma once

// Lines cut into rows of a width, by words and graphemes. Pure functions, any thread.
//
//     "to be  or not" in 6 columns:   |to be |   the two spaces at the break are in no row
//                                     |or not|

#include <cstddef>
#include <string_view>
#include <vector>

namespace netchat::connect {

struct Row {
    size_t begin = 0, end = 0;  // bytes of the text; spaces and a newline at a break are in no row
    friend bool operator==(const Row&, const Row&) = default;
};

// At least one row, also of an empty text. A newline ends a row and begins the next, which may be
// empty; a row breaks at the last spaces that it reaches, else between clusters: a word that is
// longer than a row is broken. Spaces at the beginning of the text and after a newline stay, also
// where they fill rows; the others that reach beyond a row are a break, also before a newline and
// at the end, and no row begins with them. Every row but one with a single cluster of two columns
// in a width of 1 fits into `columns` (at least 1). Linear in the text's size.
std::vector<Row> wrap(std::string_view text, size_t columns);

}  // namespace netchat::connect

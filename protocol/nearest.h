#pragma once

// "Did you mean …?": the word of a list that somebody probably wanted to type. Pure function.

#include <span>
#include <string_view>

namespace netchat {

// The word with the fewest edits (a letter put in, left out, changed, or two swapped) from `typed`,
// or the only one that it begins; empty when none is near. The result views one of `words`.
std::string_view nearestWord(std::string_view typed, std::span<const std::string_view> words);

}  // namespace netchat

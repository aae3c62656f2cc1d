#pragma once

// Texts compared without regard to upper and lower case, by Unicode's simple mappings (utf8proc).
// Code points are compared one by one; there is no normalisation. Pure; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::connect {

char32_t lowerCase(char32_t c);

// The bytes of `text` that are `beginning` but for the case; none: it begins otherwise.
std::optional<size_t> matchedBeginning(std::string_view text, std::string_view beginning);

// The longest common beginning but for the case, in bytes of `a`.
size_t commonBeginning(std::string_view a, std::string_view b);

// Finds one text in others, in linear time (Knuth, Morris and Pratt).
class CaselessPattern {
  public:
    explicit CaselessPattern(std::string_view pattern);
    // Where it begins first in the text, which is valid UTF-8; none: nowhere. Empty is everywhere.
    std::optional<size_t> findIn(std::string_view text) const;

  private:
    size_t advance(size_t matched, char32_t c) const;

    std::u32string pattern_;       // in lower case
    std::vector<size_t> borders_;  // of each beginning: the longest proper one that also ends it
};

}  // namespace netchat::connect

#pragma once

// Texts made and taken apart for the tests of what the screen may show.

#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

inline std::string encoded(char32_t c) {
    std::string text;
    utf8::append(text, c);
    return text;
}

inline std::string repeated(std::string_view piece, size_t times) {
    std::string text;
    text.reserve(piece.size() * times);
    for (size_t i = 0; i < times; ++i) text += piece;
    return text;
}

inline std::vector<std::string> clustersOf(std::string_view text) {
    std::vector<std::string> clusters;
    while (!text.empty()) clusters.emplace_back(nextCluster(text).text);
    return clusters;
}

}  // namespace netchat::connect

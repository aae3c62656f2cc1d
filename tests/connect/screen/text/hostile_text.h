#pragma once

// Random texts of what breaks screens, the same for the same seed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "protocol/utf8.h"

namespace netchat::connect {

class HostileText {
  public:
    explicit HostileText(uint32_t seed) : random_(seed) {}

    size_t below(size_t bound) { return random_() % bound; }

    std::string bytes(size_t count) {
        std::string text;
        while (text.size() < count) text += static_cast<char>(random_());
        return text;
    }

    // Of all of Unicode, most of it unassigned.
    std::string codePoints(size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i) utf8::append(text, codePoint());
        return text;
    }

    // Pieces that combine with each other, or act on a terminal.
    std::string pieces(size_t count) {
        std::string text;
        for (size_t i = 0; i < count; ++i) text += kPieces[below(kPieces.size())];
        return text;
    }

    // Words, with spaces and newlines as they come.
    std::string words(size_t count) {
        constexpr std::array<std::string_view, 14> kWords = {
            "a", "to", "the", "wörter", "日本", "👍🏽", "unbreakable",
            " ", "  ", "   ", "\n",     " \n",  "e\u0301",  "x"};
        std::string text;
        for (size_t i = 0; i < count; ++i) {
            text += kWords[below(kWords.size())];
            if (below(2) == 0) text += ' ';
        }
        return text;
    }

  private:
    static constexpr std::array<std::string_view, 72> kPieces = {
        "a",
        "1",
        " ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "ü",
        "я",
        "א",
        "م",
        "日",
        "か",
        "ｶ",
        "한",
        "하",
        "\u0301",
        "\u0489",
        "\u20E3",
        "\u0E33",
        "\u093F",
        "\uFF9E",
        "\u3099",
        "\u302E",
        "\u102B",
        "\u200D",
        "\u200C",
        "\u034F",
        "\u180B",
        "\uFE0E",
        "\uFE0F",
        "\uFE01",
        "\U000E0101",
        "👍",
        "👩",
        "❤",
        "★",
        "©",
        "😀",
        "🏴",
        "\U0001F3FD",
        "🇩",
        "🇪",
        "\U0001FAFF",
        "\U0001F1E6",
        "\u1100",
        "\u1161",
        "\u11A8",
        "\uA960",
        "\uD7B0",
        "\u115F",
        "\u1160",
        "\u3164",
        "क",
        "\u094D",
        "ष",
        "\u0600",
        "\u0D4E",
        "\u202E",
        "\u2066",
        "\u200B",
        "\uFEFF",
        "\u2028",
        "\U000E0067",
        "\U000E007F",
        "\uFFFD",
        "\uE0B0",
        "\x1B[2J",
        "\x9B",
        "\xC2\x9B",
        "\xED\xA0\x80",
        "\xF0\x9F",
    };

    char32_t codePoint() {
        for (;;) {
            const auto c = static_cast<char32_t>(below(below(2) == 0 ? 0x3000 : 0x110000));
            if (c < 0xD800 || c > 0xDFFF) return c;
        }
    }

    std::mt19937 random_;
};

}  // namespace netchat::connect

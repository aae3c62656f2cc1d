#pragma once

// Screens that follow each other as they might: mostly a few edits apart, at times all new, of
// another size, or with other words. All by one seeded generator.

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

class RandomScreens {
  public:
    explicit RandomScreens(unsigned seed) : random_(seed) {}

    int upTo(int most) { return std::uniform_int_distribution(0, most)(random_); }
    bool oneIn(int n) { return upTo(n - 1) == 0; }

    Grid first() {
        Grid grid(1 + upTo(40), 1 + upTo(8));
        for (int i = upTo(12); i > 0; --i) edit(grid);
        return withCursor(grid);
    }
    Grid after(const Grid& grid) {
        if (oneIn(20)) return first();
        Grid next = grid;
        for (int i = upTo(3); i > 0; --i) edit(next);
        return oneIn(2) ? withCursor(next) : next;
    }

  private:
    // Of what all terminals agree about, and of what they don't.
    static constexpr std::array<std::string_view, 18> kCertain = {
        "a", "b", "Z",  "7",  "~",  " ",  " ",  "é",  "ж",
        "א", "ع", "日", "本", "語", "한", "あ", "Ａ", "．"};
    static constexpr std::array<std::string_view, 15> kUncertain = {"—",
                                                                    "…",
                                                                    "│",
                                                                    "▀",
                                                                    "e\xCC\x81",
                                                                    "👍",
                                                                    "👍🏽",
                                                                    "👨‍👩‍👧‍👦",
                                                                    "🏳️‍🌈",
                                                                    "🇩🇪",
                                                                    "❤️",
                                                                    "☎️",
                                                                    "1️⃣",
                                                                    "क्षि",
                                                                    "กำ"};

    template <size_t kSize>
    std::string_view oneOf(const std::array<std::string_view, kSize>& words) {
        return words[static_cast<size_t>(upTo(static_cast<int>(kSize) - 1))];
    }
    std::string text() {
        const bool certain = oneIn(2);
        std::string text;
        for (int i = upTo(20); i > 0; --i) {
            const bool plain = certain || !oneIn(4);
            text += plain ? oneOf(kCertain) : oneOf(kUncertain);
        }
        return text;
    }
    Color color() {
        if (oneIn(2)) return {};
        if (oneIn(3)) return Color::rgb(byte(), byte(), byte());
        return {byte()};
    }
    uint8_t byte() { return static_cast<uint8_t>(upTo(255)); }
    Style style() {
        if (oneIn(2)) return {};
        return {.foreground = color(),
                .background = color(),
                .bold = oneIn(4),
                .dim = oneIn(8),
                .underline = oneIn(4),
                .reverse = oneIn(4)};
    }
    Grid withCursor(Grid grid) {
        grid.cursor.reset();
        if (!oneIn(4)) grid.cursor = Point{upTo(grid.width() - 1), upTo(grid.height() - 1)};
        return grid;
    }
    void edit(Grid& grid) {
        const int x = upTo(grid.width()) - 1, y = upTo(grid.height() - 1);
        if (oneIn(3)) return grid.fill(x, y, x + upTo(grid.width()), oneIn(2) ? Style{} : style());
        grid.put(x, y, text(), style(), oneIn(3) ? x + upTo(10) : INT32_MAX);
    }

    std::mt19937 random_;
};

}  // namespace netchat::connect

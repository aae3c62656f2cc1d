#pragma once

// What a terminal shows after some bytes: cells, cursor and title, by libvterm.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace netchat::test {

// One thread.
class Emulator {
  public:
    struct Cell {
        std::string text = " ";  // one character with its marks
        int columns = 1;         // 0: the second half of the one to its left
        std::optional<uint32_t> foreground = {}, background = {};  // 0xRRGGBB; none: the usual
        bool bold = false, dim = false, underline = false, reverse = false;
    };
    struct Cursor {
        int x = 0, y = 0;
        bool visible = true;
    };

    Emulator(int width, int height);
    ~Emulator();
    Emulator(const Emulator&) = delete;
    Emulator& operator=(const Emulator&) = delete;

    void feed(std::string_view bytes);
    void resize(int width, int height);
    // What it answers to questions of the program, since the last call.
    std::string takeAnswers();

    int width() const;
    int height() const;
    Cell cell(int x, int y) const;
    Cursor cursor() const;
    const std::string& title() const;
    // Without the blanks at its end.
    std::string row(int y) const;
    // Rows, each with its line's end.
    std::string text() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace netchat::test

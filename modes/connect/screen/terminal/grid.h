#pragma once

// A screen as it should be: cells of clusters with a style, and where the cursor is. render() makes
// one from the model; the writer makes the terminal equal to it. Pure; one thread.
//
//     | a | b | 日      | c |      a cluster of two columns has its text in the first cell;
//       1   1   2    0    1        the second has columns 0 and no text

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::connect {

// A colour: the terminal's default, one of its palette (0 to 255), or 0xRRGGBB.
struct Color {
    int32_t value = -1;  // -1: default; 0 to 255: palette; from kRgb on: red, green, blue
    static constexpr int32_t kRgb = 1 << 24;
    static constexpr Color rgb(uint8_t r, uint8_t g, uint8_t b) {
        return {kRgb | r << 16 | g << 8 | b};
    }
    bool isDefault() const { return value < 0; }
    bool isRgb() const { return value >= kRgb; }
    friend bool operator==(Color, Color) = default;
};

struct Style {
    Color foreground = {}, background = {};
    bool bold = false, dim = false, underline = false, reverse = false;
    uint32_t link = 0;  // of the grid: where a click leads; 0: nowhere
    friend bool operator==(const Style&, const Style&) = default;
};

struct Cell {
    std::string text = " ";  // one cluster; safe
    int columns = 1;         // 2 with the next cell; 0: the second half of the one before
    bool certain = true;     // as of Cluster
    Style style = {};
    friend bool operator==(const Cell&, const Cell&) = default;
};

struct Point {
    int x = 0, y = 0;
    friend bool operator==(Point, Point) = default;
};

class Grid {
  public:
    Grid() = default;
    Grid(int width, int height);  // blank; both at least 0

    int width() const { return width_; }
    int height() const { return height_; }
    const Cell& at(int x, int y) const { return cells_[index(x, y)]; }

    // Draws safe text from (x, y) on and returns the column after it. What does not fit into the
    // columns before `endX` (or the grid) is left out, whole clusters of it; rows outside of the
    // grid are passed over. A cluster that is cut in half by this, be it by the grid's left edge or
    // because it is overwritten in part, becomes a space of its style.
    int put(int x, int y, std::string_view safeText, const Style& style, int endX = INT32_MAX);
    // Blanks of this style from x up to endX.
    void fill(int x, int y, int endX, const Style& style);

    // So many addresses can be led to.
    static constexpr size_t kLinksMax = 500;
    // The number of an address for styles, the same for the same one; 0 where it is empty, or one
    // too many.
    uint32_t addLink(std::string_view address);
    // By their numbers, the first of which is 1.
    const std::vector<std::string>& links() const { return links_; }
    // Gives each link the number that stands in the place of its old one, less 1.
    void renumberLinks(const std::vector<uint32_t>& numbers);

    // A row of text that goes on in the row below, where terminals know rows that were wrapped:
    // whoever selects both gets one line. It is drawn to its last column.
    void goOnBelow(int y);
    bool goesOnBelow(int y) const { return !goOn_.empty() && goOn_[static_cast<size_t>(y)]; }

    std::optional<Point> cursor;  // none: hidden

    friend bool operator==(const Grid&, const Grid&) = default;

  private:
    size_t index(int x, int y) const {
        return static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x);
    }
    Cell& cell(int x, int y) { return cells_[index(x, y)]; }
    void set(int x, int y, Cell drawn);
    void cutBefore(int x, int y);

    int width_ = 0, height_ = 0;
    std::vector<Cell> cells_;
    std::vector<bool> goOn_;  // by rows; empty: none does
    std::vector<std::string> links_;
};

}  // namespace netchat::connect

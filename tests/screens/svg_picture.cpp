#include "tests/screens/svg_picture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace netchat::test {

namespace {

using Cell = Emulator::Cell;

// Half a cell is a square, as in pictures of half blocks.
constexpr int kCellWidth = 9, kCellHeight = 18, kFontSize = 15, kBaseline = 13;
constexpr int kMargin = 12, kTitleHeight = 34;
constexpr uint32_t kPaper = 0x1c1f26, kInk = 0xd5d9e0, kFrame = 0x2b303b, kEdge = 0x3d4451,
                   kTitleInk = 0x9aa3b2;
constexpr std::array<uint32_t, 3> kButtons = {0xff5f57, 0xfebc2e, 0x28c840};
constexpr const char* kFonts =
    "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

std::string hex(uint32_t rgb) {
    char text[16];
    std::snprintf(text, sizeof text, "#%06x", static_cast<unsigned>(rgb));
    return text;
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '"')
            safe += "&quot;";
        else if (static_cast<unsigned char>(c) >= 0x20)
            safe += c;
    }
    return safe;
}

std::string rectangle(double x, double y, double width, double height, uint32_t color,
                      const std::string& more = "") {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) +
           "\" height=\"" + number(height) + "\" fill=\"" + hex(color) + "\"" + more + "/>\n";
}

// Between the two, as dim text is.
uint32_t mixed(uint32_t a, uint32_t b) {
    return ((a & 0xFEFEFE) >> 1) + ((b & 0xFEFEFE) >> 1);
}

// A cell's colours after all that changes them.
struct Colors {
    uint32_t front = kInk, back = kPaper;
};

Colors colorsOf(const Cell& cell, bool underCursor) {
    Colors colors{cell.foreground.value_or(kInk), cell.background.value_or(kPaper)};
    if (cell.reverse != underCursor) std::swap(colors.front, colors.back);
    if (cell.dim) colors.front = mixed(colors.front, colors.back);
    return colors;
}

// Where in its cell a character is ink, in parts of the cell; none: it is a letter.
struct Shape {
    double left, top, right, bottom;
};

const Shape* shapeOf(std::string_view character) {
    struct Known {
        std::string_view character;
        Shape shape;
    };
    static constexpr double kThin = 1.0 / kCellWidth, kFlat = 1.0 / kCellHeight;
    static constexpr Known kKnown[] = {
        {"│", {0.5 - kThin / 2, 0, 0.5 + kThin / 2, 1}},
        {"─", {0, 0.5, 1, 0.5 + kFlat}},
        {"▀", {0, 0, 1, 0.5}},
        {"▄", {0, 0.5, 1, 1}},
        {"█", {0, 0, 1, 1}},
        {"▌", {0, 0, 0.5, 1}},
        {"▐", {0.5, 0, 1, 1}},
    };
    for (const Known& known : kKnown) {
        if (known.character == character) return &known.shape;
    }
    return nullptr;
}

class Drawing {
  public:
    explicit Drawing(const Emulator& screen)
        : screen_(screen),
          width_(screen.width() * kCellWidth + 2 * kMargin),
          height_(screen.height() * kCellHeight + kTitleHeight + 2 * kMargin) {}

    std::string take() {
        begin();
        window();
        svg_ += "<g shape-rendering=\"crispEdges\">\n";
        for (int y = 0; y < screen_.height(); ++y) backgrounds(y);
        for (int y = 0; y < screen_.height(); ++y) shapes(y);
        svg_ += "</g>\n";
        for (int y = 0; y < screen_.height(); ++y) words(y);
        return std::move(svg_ += "</svg>\n");
    }

  private:
    void begin() {
        const std::string size = number(width_) + "\" height=\"" + number(height_);
        svg_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
               number(width_) + " " + number(height_) + "\" font-family=\"" + kFonts +
               "\" font-size=\"" + number(kFontSize) + "\">\n<title>" + escaped(screen_.title()) +
               "</title>\n";
    }

    void window() {
        svg_ += rectangle(0.5, 0.5, width_ - 1, height_ - 1, kPaper,
                          " rx=\"10\" stroke=\"" + hex(kEdge) + "\"");
        svg_ += "<path d=\"M1 " + number(kTitleHeight) + "V10.5A9.5 9.5 0 0 1 10.5 1H" +
                number(width_ - 10.5) + "A9.5 9.5 0 0 1 " + number(width_ - 1) + " 10.5V" +
                number(kTitleHeight) + "Z\" fill=\"" + hex(kFrame) + "\"/>\n";
        int x = 20;
        for (const uint32_t button : kButtons) {
            svg_ += "<circle cx=\"" + number(x) + "\" cy=\"" + number(kTitleHeight / 2.0) +
                    "\" r=\"6\" fill=\"" + hex(button) + "\"/>\n";
            x += 20;
        }
        svg_ += "<text x=\"" + number(width_ / 2.0) +
                "\" y=\"22\" text-anchor=\"middle\" font-size=\"13\" fill=\"" + hex(kTitleInk) +
                "\">" + escaped(screen_.title()) + "</text>\n";
    }

    int left(int x) const { return kMargin + x * kCellWidth; }
    int top(int y) const { return kTitleHeight + kMargin + y * kCellHeight; }
    bool underCursor(int x, int y) const {
        const auto cursor = screen_.cursor();
        return cursor.visible && cursor.x == x && cursor.y == y;
    }
    Colors colorsAt(int x, int y) const { return colorsOf(screen_.cell(x, y), underCursor(x, y)); }

    // Neighbours of one colour are one rectangle.
    void backgrounds(int y) {
        for (int x = 0, end = 0; x < screen_.width(); x = end) {
            const uint32_t color = colorsAt(x, y).back;
            for (end = x + 1; end < screen_.width() && colorsAt(end, y).back == color;) ++end;
            if (color == kPaper) continue;
            svg_ += rectangle(left(x), top(y), (end - x) * kCellWidth, kCellHeight, color);
        }
    }

    void shapes(int y) {
        for (int x = 0, end = 0; x < screen_.width(); x = end) {
            end = x + 1;
            const std::string text = screen_.cell(x, y).text;
            const Shape* shape = shapeOf(text);
            if (shape == nullptr) continue;
            const uint32_t color = colorsAt(x, y).front;
            const bool joins = shape->left == 0 && shape->right == 1;
            while (joins && end < screen_.width() && screen_.cell(end, y).text == text &&
                   colorsAt(end, y).front == color) {
                ++end;
            }
            const double right = left(end - 1) + shape->right * kCellWidth;
            const double from = left(x) + shape->left * kCellWidth;
            svg_ += rectangle(from, top(y) + shape->top * kCellHeight, right - from,
                              (shape->bottom - shape->top) * kCellHeight, color);
        }
    }

    bool isLetter(int x, int y) const {
        const Cell cell = screen_.cell(x, y);
        return cell.columns > 0 && !cell.text.starts_with(' ') && shapeOf(cell.text) == nullptr;
    }
    bool looksAs(int x, int other, int y) const {
        const Cell a = screen_.cell(x, y), b = screen_.cell(other, y);
        return colorsAt(x, y).front == colorsAt(other, y).front && a.bold == b.bold &&
               a.underline == b.underline;
    }

    // What is wider than a cell stands alone, so that a font without it moves nothing else.
    void words(int y) {
        for (int x = 0, end = 0; x < screen_.width(); x = end) {
            const Cell first = screen_.cell(x, y);
            end = x + std::max(first.columns, 1);
            if (!isLetter(x, y)) continue;
            std::string text = first.text;
            while (first.columns == 1 && end < screen_.width() && isLetter(end, y) &&
                   screen_.cell(end, y).columns == 1 && looksAs(x, end, y)) {
                text += screen_.cell(end++, y).text;
            }
            word(x, y, end - x, text);
        }
    }

    void word(int x, int y, int columns, const std::string& text) {
        const Cell cell = screen_.cell(x, y);
        svg_ += "<text x=\"" + number(left(x)) + "\" y=\"" + number(top(y) + kBaseline) +
                "\" fill=\"" + hex(colorsAt(x, y).front) + "\" textLength=\"" +
                number(columns * kCellWidth) + "\" lengthAdjust=\"spacingAndGlyphs\"" +
                (cell.bold ? " font-weight=\"bold\"" : "") +
                (cell.underline ? " text-decoration=\"underline\"" : "") + ">" + escaped(text) +
                "</text>\n";
    }

    const Emulator& screen_;
    const int width_, height_;
    std::string svg_;
};

}  // namespace

std::string svgOf(const Emulator& screen) {
    return Drawing(screen).take();
}

}  // namespace netchat::test

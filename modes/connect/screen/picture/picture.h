#pragma once

// A small image (PNG or JPEG) as coloured half blocks. Decoding is libpng's and libjpeg's, of bytes
// that somebody sent: bounded before anything is allocated, and done only when a person asks.
// Any thread; it may take a second.
//
//     file -> PngReader or JpegReader -> rows of RGB -> BoxFilter -> turned as a camera was ->
//     Picture

#include <cstdint>
#include <filesystem>
#include <vector>

#include "modes/connect/screen/terminal/grid.h"
#include "protocol/result.h"

namespace netchat::connect {

// Rows of two pixels a cell: the upper one is the foreground of U+2580, the lower one the
// background.
struct Picture {
    int width = 0, height = 0;  // in pixels; the height is even
    std::vector<Color> pixels;  // row by row, RGB; see nearestColor()
    Color at(int x, int y) const {
        return pixels[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
    }
};

inline constexpr uint64_t kPictureBytesMax = uint64_t{16} * 1024 * 1024;  // of the file
inline constexpr uint64_t kPicturePixelsMax = 40'000'000;  // of the image: a phone's photo

// Scaled down (box filter, alpha over black) to fit into so many columns and rows, never up; an odd
// height gets a black row. A JPEG is turned as its Exif says, and what is missing at its end is
// grey, as in any viewer. The errors: not a regular file, too large, neither PNG nor JPEG, damaged.
Result<Picture> readPicture(const std::filesystem::path& file, int columns, int rows);

}  // namespace netchat::connect

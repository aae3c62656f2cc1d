#pragma once

// An image made smaller while its rows come, so that it is never whole in memory. Every pixel of
// the result is the mean of the rectangle that it covers, to the last fraction: exact, in integers.
// Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace netchat::connect {

struct Extent {
    uint32_t width = 0, height = 0;
    uint64_t pixels() const { return uint64_t{width} * height; }
    friend bool operator==(Extent, Extent) = default;
};

// What fits into `room` of the same shape as `image`, at least 1 x 1 and at most the image itself.
Extent fitted(Extent image, Extent room);

struct RgbImage {
    Extent extent;
    std::vector<uint8_t> bytes;  // three a pixel, row by row
};

class BoxFilter {
  public:
    // Both at least 1 x 1, and `to` not larger than `from` in either direction.
    BoxFilter(Extent from, Extent to);

    // The next row from the top, three bytes a pixel. Rows beyond the last are passed over.
    void row(const uint8_t* rgb);
    // What no row has come for is black.
    RgbImage take() { return std::move(image_); }

  private:
    void squeeze(const uint8_t* rgb);
    void pour(uint64_t weight);
    void finishRow();

    Extent from_;
    RgbImage image_;
    std::vector<uint64_t> line_;  // the row's sums for each of the result's columns
    std::vector<uint64_t> sums_;  // of the row of the result that is being filled
    uint64_t rowsIn_ = 0, rowsOut_ = 0;
};

}  // namespace netchat::connect

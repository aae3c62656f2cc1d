#include "modes/connect/screen/picture/box_filter.h"

#include <algorithm>
#include <cassert>

namespace netchat::connect {

namespace {

constexpr size_t kRgbChannels = 3;

// part / whole of a length, to the nearest; both below 2^32.
uint32_t share(uint64_t length, uint64_t part, uint64_t whole) {
    return static_cast<uint32_t>((length * part + whole / 2) / whole);
}

}  // namespace

Extent fitted(Extent image, Extent room) {
    Extent fit = image;
    if (fit.width > room.width) {
        fit = {room.width, share(image.height, room.width, image.width)};
    }
    if (fit.height > room.height) {
        fit = {share(image.width, room.height, image.height), room.height};
    }
    return {std::clamp<uint32_t>(fit.width, 1, image.width),
            std::clamp<uint32_t>(fit.height, 1, image.height)};
}

// A pixel of the image is to.width wide and to.height high here, one of the result from.width wide
// and from.height high: so all edges are integers.
BoxFilter::BoxFilter(Extent from, Extent to)
    : from_(from),
      image_{to, std::vector<uint8_t>(to.pixels() * kRgbChannels)},
      line_(to.width * kRgbChannels),
      sums_(to.width * kRgbChannels) {
    assert(to.width >= 1 && to.height >= 1);
    assert(to.width <= from.width && to.height <= from.height);
}

void BoxFilter::row(const uint8_t* rgb) {
    if (rowsIn_ == from_.height) return;
    const uint64_t height = image_.extent.height;
    const uint64_t begin = rowsIn_++ * height, end = begin + height;
    const uint64_t edge = (rowsOut_ + 1) * from_.height;
    squeeze(rgb);
    pour(std::min(end, edge) - begin);
    if (end < edge) return;
    finishRow();
    if (end > edge) pour(end - edge);
}

void BoxFilter::squeeze(const uint8_t* rgb) {
    const uint64_t width = image_.extent.width;
    std::fill(line_.begin(), line_.end(), 0);
    uint64_t* cell = line_.data();
    uint64_t left = from_.width;  // of the cell that is being filled
    for (uint32_t x = 0; x < from_.width; ++x, rgb += kRgbChannels) {
        const uint64_t here = std::min(width, left), beyond = width - here;
        for (size_t c = 0; c < kRgbChannels; ++c) cell[c] += here * rgb[c];
        left -= here;
        if (left > 0 || x + 1 == from_.width) continue;
        cell += kRgbChannels;
        for (size_t c = 0; c < kRgbChannels; ++c) cell[c] += beyond * rgb[c];
        left = from_.width - beyond;
    }
}

void BoxFilter::pour(uint64_t weight) {
    for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += weight * line_[i];
}

void BoxFilter::finishRow() {
    uint8_t* out = image_.bytes.data() + rowsOut_++ * sums_.size();
    const uint64_t area = from_.pixels();
    for (uint64_t& sum : sums_) {
        *out++ = static_cast<uint8_t>((sum + area / 2) / area);
        sum = 0;
    }
}

}  // namespace netchat::connect

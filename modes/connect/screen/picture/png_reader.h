#pragma once

// A PNG's header, then its pixels. The one place that knows libpng. Reads row by row into a filter;
// only an interlaced image is whole in memory, and is bounded for it. One thread.

#include <cstdint>
#include <memory>
#include <span>

#include "modes/connect/screen/picture/box_filter.h"
#include "protocol/result.h"

namespace netchat::connect {

inline constexpr uint64_t kInterlacedPixelsMax = 10'000'000;  // four bytes each

class PngReader {
  public:
    static bool isOne(std::span<const uint8_t> bytes);

    // The bytes must outlive it.
    explicit PngReader(std::span<const uint8_t> bytes);
    ~PngReader();

    // The errors' texts say what is wrong with the file, without its name.
    Result<Extent> header();
    // After header(). A file that ends too early is an error.
    Status pixels(BoxFilter& out);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace netchat::connect

#pragma once

// A JPEG's header, then its pixels. The one place that knows libjpeg. Baseline images are read row
// by row; progressive ones are whole in memory as coefficients, and are bounded for it. One thread.

#include <cstdint>
#include <memory>
#include <span>

#include "modes/connect/screen/picture/box_filter.h"
#include "modes/connect/screen/picture/exif.h"
#include "protocol/result.h"

namespace netchat::connect {

inline constexpr long kJpegMemoryBytesMax = 160L * 1024 * 1024;  // coefficients of 40 MP in 4:2:0
// A progressive image is decoded once for each of its scans; real ones have about ten. The second
// bound is on what that costs.
inline constexpr int kJpegScansMax = 100;
inline constexpr uint64_t kJpegScannedPixelsMax = 1'000'000'000;

class JpegReader {
  public:
    static bool isOne(std::span<const uint8_t> bytes);

    // The bytes must outlive it.
    explicit JpegReader(std::span<const uint8_t> bytes);
    ~JpegReader();

    // The errors' texts say what is wrong with the file, without its name.
    Result<Extent> header();
    Orientation orientation() const;  // after header()
    // After header(): prepares to decode at an eighth, a quarter, a half or the whole of the size,
    // whichever is the least that is not below `least`, and says what that is.
    Result<Extent> begin(Extent least);
    // After begin(), whose extent is what the filter takes. What a damaged or short file lacks is
    // grey.
    Status pixels(BoxFilter& out);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace netchat::connect

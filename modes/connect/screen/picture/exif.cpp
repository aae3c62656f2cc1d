#include "modes/connect/screen/picture/exif.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace netchat::connect {

namespace {

constexpr std::array<uint8_t, 6> kExifMark{'E', 'x', 'i', 'f', 0, 0};
constexpr uint16_t kOrientationTag = 0x0112, kShortType = 3;
constexpr size_t kEntryBytes = 12;

// Numbers in the byte order of the file's; 0 beyond its end, which no entry that matters holds.
class Tiff {
  public:
    explicit Tiff(std::span<const uint8_t> bytes)
        : bytes_(bytes), big_(!bytes.empty() && bytes[0] == 'M') {}

    bool isOne() const { return u8(0) == u8(1) && (big_ || u8(0) == 'I') && u16(2) == 42; }
    uint16_t u16(size_t at) const {
        const auto high = big_ ? u8(at) : u8(at + 1), low = big_ ? u8(at + 1) : u8(at);
        return static_cast<uint16_t>(high << 8 | low);
    }
    uint32_t u32(size_t at) const {
        const uint32_t high = big_ ? u16(at) : u16(at + 2), low = big_ ? u16(at + 2) : u16(at);
        return high << 16 | low;
    }

  private:
    unsigned u8(size_t at) const { return at < bytes_.size() ? bytes_[at] : 0U; }

    std::span<const uint8_t> bytes_;
    bool big_;
};

// Where the pixel (x, y) of the image as it is stored is shown.
std::pair<uint32_t, uint32_t> uprightPlace(uint32_t x, uint32_t y, Extent stored, Orientation how) {
    const uint32_t right = stored.width - 1 - x, bottom = stored.height - 1 - y;
    switch (how) {
        case Orientation::Upright:
            return {x, y};
        case Orientation::Mirrored:
            return {right, y};
        case Orientation::UpsideDown:
            return {right, bottom};
        case Orientation::Flipped:
            return {x, bottom};
        case Orientation::Transposed:
            return {y, x};
        case Orientation::TurnRight:
            return {bottom, x};
        case Orientation::Transversed:
            return {bottom, right};
        case Orientation::TurnLeft:
            return {y, right};
    }
    return {x, y};
}

}  // namespace

Orientation orientationOf(std::span<const uint8_t> app1) {
    const bool exif = app1.size() > kExifMark.size() &&
                      std::equal(kExifMark.begin(), kExifMark.end(), app1.begin());
    if (!exif) return Orientation::Upright;
    const Tiff tiff(app1.subspan(kExifMark.size()));
    if (!tiff.isOne()) return Orientation::Upright;
    const size_t folder = tiff.u32(4);
    for (size_t i = 0; i < tiff.u16(folder); ++i) {
        const size_t entry = folder + 2 + i * kEntryBytes;
        if (tiff.u16(entry) != kOrientationTag || tiff.u16(entry + 2) != kShortType) continue;
        const uint16_t value = tiff.u16(entry + 8);
        const bool known = value >= 1 && value <= 8;
        return known ? static_cast<Orientation>(value) : Orientation::Upright;
    }
    return Orientation::Upright;
}

RgbImage turned(RgbImage image, Orientation orientation) {
    if (orientation == Orientation::Upright) return image;
    const Extent stored = image.extent;
    RgbImage out{stored, std::vector<uint8_t>(image.bytes.size())};
    if (isSideways(orientation)) out.extent = {stored.height, stored.width};
    const uint8_t* pixel = image.bytes.data();
    for (uint32_t y = 0; y < stored.height; ++y) {
        for (uint32_t x = 0; x < stored.width; ++x, pixel += 3) {
            const auto [toX, toY] = uprightPlace(x, y, stored, orientation);
            std::copy_n(pixel, 3, &out.bytes[(size_t{toY} * out.extent.width + toX) * 3]);
        }
    }
    return out;
}

}  // namespace netchat::connect

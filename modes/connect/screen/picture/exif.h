#pragma once

// How a camera was held, out of what it writes into its photos (Exif 2.32, a TIFF header and its
// first folder). Pure functions, any thread.

#include <cstdint>
#include <span>

#include "modes/connect/screen/picture/box_filter.h"

namespace netchat::connect {

// As TIFF numbers them: where the first row and the first column of the image are to be shown.
enum class Orientation : uint8_t {
    Upright = 1,      // top, left
    Mirrored = 2,     // top, right
    UpsideDown = 3,   // bottom, right
    Flipped = 4,      // bottom, left
    Transposed = 5,   // left, top
    TurnRight = 6,    // right, top: is to be turned to the right by 90 degrees
    Transversed = 7,  // right, bottom
    TurnLeft = 8,     // left, bottom
};

// Of a JPEG's APP1 segment, without its marker and length. Upright where it is none of Exif, says
// nothing, or is damaged.
Orientation orientationOf(std::span<const uint8_t> app1);

// Whether width and height change places.
inline bool isSideways(Orientation orientation) {
    return orientation >= Orientation::Transposed;
}

RgbImage turned(RgbImage image, Orientation orientation);

}  // namespace netchat::connect

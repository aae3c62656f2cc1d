#include "modes/connect/screen/terminal/palette.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace netchat::connect {

namespace {

struct Rgb {
    int red, green, blue;
};

constexpr std::array<Rgb, 16> kNamedColors{{{0, 0, 0},
                                            {205, 0, 0},
                                            {0, 205, 0},
                                            {205, 205, 0},
                                            {0, 0, 238},
                                            {205, 0, 205},
                                            {0, 205, 205},
                                            {229, 229, 229},
                                            {127, 127, 127},
                                            {255, 0, 0},
                                            {0, 255, 0},
                                            {255, 255, 0},
                                            {92, 92, 255},
                                            {255, 0, 255},
                                            {0, 255, 255},
                                            {255, 255, 255}}};

// 16 to 231: a cube of 6 x 6 x 6; 232 to 255: greys of 8, 18, 28 … 238.
constexpr int kCubeFirst = 16, kGreyFirst = 232, kGreys = 24;
constexpr std::array<int, 6> kLevels{0, 95, 135, 175, 215, 255};

constexpr int shadeOf(int grey) {
    return 8 + 10 * grey;
}

Color colorOfRgb(const Rgb& rgb) {
    return Color::rgb(static_cast<uint8_t>(rgb.red), static_cast<uint8_t>(rgb.green),
                      static_cast<uint8_t>(rgb.blue));
}

constexpr int squared(int n) {
    return n * n;
}

int distance(const Rgb& a, const Rgb& b) {
    return squared(a.red - b.red) + squared(a.green - b.green) + squared(a.blue - b.blue);
}

int nearestLevel(int channel) {
    if (channel < 48) return 0;
    if (channel < 115) return 1;
    return (channel - 35) / 40;
}

int nearestGrey(int mean) {
    return std::clamp((mean - 3) / 10, 0, kGreys - 1);
}

// The first 16 are left to themes: what they look like is not known.
Color nearestOf256(const Rgb& rgb) {
    const int red = nearestLevel(rgb.red), green = nearestLevel(rgb.green),
              blue = nearestLevel(rgb.blue);
    const int grey = nearestGrey((rgb.red + rgb.green + rgb.blue) / 3);
    const int shade = shadeOf(grey);
    const Rgb inCube{kLevels[static_cast<size_t>(red)], kLevels[static_cast<size_t>(green)],
                     kLevels[static_cast<size_t>(blue)]};
    if (distance(rgb, {shade, shade, shade}) < distance(rgb, inCube)) return {kGreyFirst + grey};
    return {kCubeFirst + 36 * red + 6 * green + blue};
}

Color nearestNamed(const Rgb& rgb, size_t colors) {
    size_t best = 0;
    for (size_t i = 1; i < colors; ++i) {
        if (distance(rgb, kNamedColors[i]) < distance(rgb, kNamedColors[best])) best = i;
    }
    return {static_cast<int32_t>(best)};
}

}  // namespace

Color nearestColor(Color rgb, int colors) {
    if (!rgb.isRgb()) return rgb;
    if (colors < 8) return {};
    const Rgb parts{rgb.value >> 16 & 0xFF, rgb.value >> 8 & 0xFF, rgb.value & 0xFF};
    if (colors >= 256) return nearestOf256(parts);
    return nearestNamed(parts, colors >= 16 ? 16 : 8);
}

Color rgbOf(Color palette) {
    const int n = std::min(palette.value, 255);
    if (n < kCubeFirst) return colorOfRgb(kNamedColors[static_cast<size_t>(n)]);
    if (n >= kGreyFirst) {
        const int shade = shadeOf(n - kGreyFirst);
        return colorOfRgb({shade, shade, shade});
    }
    const auto level = [](int step) { return kLevels[static_cast<size_t>(step % 6)]; };
    const int cube = n - kCubeFirst;
    return colorOfRgb({level(cube / 36), level(cube / 6), level(cube)});
}

}  // namespace netchat::connect

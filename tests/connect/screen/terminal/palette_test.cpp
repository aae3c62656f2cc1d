#include <gtest/gtest.h>

#include <vector>

#include "modes/connect/screen/terminal/palette.h"

namespace netchat::connect {
namespace {

struct Rgb {
    int red, green, blue;
};

// As xterm's documentation has the upper 240 of 256.
Rgb ofPalette(int index) {
    const auto level = [](int n) { return n == 0 ? 0 : 55 + 40 * n; };
    if (index >= 232)
        return {8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232)};
    const int cube = index - 16;
    return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
}

int distance(const Rgb& a, const Rgb& b) {
    const int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
    return red * red + green * green + blue * blue;
}

int leastDistance(const Rgb& rgb) {
    int least = INT32_MAX;
    for (int i = 16; i < 256; ++i) least = std::min(least, distance(rgb, ofPalette(i)));
    return least;
}

int nearest(int red, int green, int blue, int colors) {
    return nearestColor(Color::rgb(static_cast<uint8_t>(red), static_cast<uint8_t>(green),
                                   static_cast<uint8_t>(blue)),
                        colors)
        .value;
}

TEST(NearestColor, IsTheNearestOf256) {
    for (int red = 0; red < 256; red += 15) {
        for (int green = 0; green < 256; green += 11) {
            for (int blue = 0; blue < 256; blue += 13) {
                const int index = nearest(red, green, blue, 256);
                ASSERT_GE(index, 16);
                ASSERT_LE(index, 255);
                ASSERT_EQ(distance({red, green, blue}, ofPalette(index)),
                          leastDistance({red, green, blue}))
                    << red << " " << green << " " << blue;
            }
        }
    }
}

TEST(NearestColor, KnowsEveryGrey) {
    for (int grey = 0; grey < 256; ++grey) {
        ASSERT_EQ(distance({grey, grey, grey}, ofPalette(nearest(grey, grey, grey, 256))),
                  leastDistance({grey, grey, grey}))
            << grey;
    }
}

TEST(NearestColor, FindsThePaletteItself) {
    for (int i = 16; i < 256; ++i) {
        const Rgb rgb = ofPalette(i);
        const int found = nearest(rgb.red, rgb.green, rgb.blue, 256);
        EXPECT_EQ(distance(rgb, ofPalette(found)), 0) << i;
    }
}

TEST(NearestColor, IsOneOf16) {
    EXPECT_EQ(nearest(0, 0, 0, 16), 0);
    EXPECT_EQ(nearest(200, 10, 10, 16), 1);
    EXPECT_EQ(nearest(255, 10, 10, 16), 9);
    EXPECT_EQ(nearest(120, 120, 120, 16), 8);
    EXPECT_EQ(nearest(255, 255, 255, 16), 15);
    EXPECT_EQ(nearest(255, 255, 255, 88), 15) << "a palette between is taken for a smaller one";
}

TEST(NearestColor, IsOneOf8) {
    EXPECT_EQ(nearest(0, 0, 0, 8), 0);
    EXPECT_EQ(nearest(255, 0, 0, 8), 1);
    EXPECT_EQ(nearest(0, 255, 0, 8), 2);
    EXPECT_EQ(nearest(255, 255, 0, 8), 3);
    EXPECT_EQ(nearest(0, 0, 255, 8), 4);
    EXPECT_EQ(nearest(255, 0, 255, 8), 5);
    EXPECT_EQ(nearest(0, 255, 255, 8), 6);
    EXPECT_EQ(nearest(255, 255, 255, 8), 7);
}

TEST(NearestColor, IsTheDefaultWhereThereAreNone) {
    EXPECT_TRUE(nearestColor(Color::rgb(1, 2, 3), 0).isDefault());
}

TEST(NearestColor, LeavesWhatIsNotRgb) {
    EXPECT_EQ(nearestColor(Color{}, 256), Color{});
    EXPECT_EQ(nearestColor(Color{200}, 256), Color{200});
}

}  // namespace
}  // namespace netchat::connect

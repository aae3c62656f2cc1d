#include "modes/connect/screen/picture/box_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

namespace netchat::connect {
namespace {

RgbImage filtered(const RgbImage& image, Extent to) {
    BoxFilter filter(image.extent, to);
    for (uint32_t y = 0; y < image.extent.height; ++y) {
        filter.row(&image.bytes[size_t{y} * image.extent.width * 3]);
    }
    return filter.take();
}

RgbImage noise(Extent extent, std::mt19937& random) {
    RgbImage image{extent, std::vector<uint8_t>(extent.pixels() * 3)};
    for (auto& byte : image.bytes) byte = static_cast<uint8_t>(random());
    return image;
}

// How much of [i, i + 1) is in the result's cell `to`, of `cells` over `length`.
double overlap(uint32_t i, uint32_t to, uint32_t length, uint32_t cells) {
    const double scale = static_cast<double>(length) / cells;
    return std::max(0.0,
                    std::min<double>(i + 1, (to + 1) * scale) - std::max<double>(i, to * scale));
}

double meanOf(const RgbImage& image, Extent to, uint32_t x, uint32_t y, size_t channel) {
    const auto [width, height] = image.extent;
    double sum = 0, area = 0;
    for (uint32_t fromY = 0; fromY < height; ++fromY) {
        for (uint32_t fromX = 0; fromX < width; ++fromX) {
            const double weight =
                overlap(fromX, x, width, to.width) * overlap(fromY, y, height, to.height);
            sum += weight * image.bytes[(size_t{fromY} * width + fromX) * 3 + channel];
            area += weight;
        }
    }
    return sum / area;
}

void expectMeans(const RgbImage& image, Extent to) {
    const RgbImage small = filtered(image, to);
    ASSERT_EQ(small.bytes.size(), to.pixels() * 3);
    for (uint32_t y = 0; y < to.height; ++y) {
        for (uint32_t x = 0; x < to.width; ++x) {
            const uint8_t* pixel = &small.bytes[(size_t{y} * to.width + x) * 3];
            for (size_t c = 0; c < 3; ++c) {
                ASSERT_NEAR(pixel[c], meanOf(image, to, x, y, c), 0.5001) << x << " " << y;
            }
        }
    }
}

TEST(BoxFilter, LeavesAnImageOfTheRightSizeAsItIs) {
    std::mt19937 random(1);
    const RgbImage image = noise({7, 5}, random);
    EXPECT_EQ(filtered(image, {7, 5}).bytes, image.bytes);
}

TEST(BoxFilter, TakesTheMeanOfWhatAPixelCovers) {
    constexpr unsigned kSeed = 7;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::mt19937 random(kSeed);
    const auto upTo = [&](uint32_t most) { return static_cast<uint32_t>(1 + random() % most); };
    for (int round = 0; round < 60; ++round) {
        const Extent from{upTo(20), upTo(20)}, to{upTo(from.width), upTo(from.height)};
        SCOPED_TRACE(std::to_string(from.width) + "x" + std::to_string(from.height) + " to " +
                     std::to_string(to.width) + "x" + std::to_string(to.height));
        expectMeans(noise(from, random), to);
    }
}

TEST(BoxFilter, DoesNotOverflowInLongRowsAndColumns) {
    constexpr uint32_t kLong = 65'535;
    const std::vector<uint8_t> white(size_t{kLong} * 3, 255);
    BoxFilter row({kLong, 1}, {1, 1}), column({1, kLong}, {1, 1});
    row.row(white.data());
    for (uint32_t y = 0; y < kLong; ++y) column.row(white.data());
    EXPECT_EQ(row.take().bytes, (std::vector<uint8_t>{255, 255, 255}));
    EXPECT_EQ(column.take().bytes, (std::vector<uint8_t>{255, 255, 255}));
}

TEST(BoxFilter, LeavesBlackWhatNoRowCameFor) {
    BoxFilter filter({2, 4}, {1, 2});
    const std::vector<uint8_t> white(6, 255);
    filter.row(white.data());
    filter.row(white.data());
    EXPECT_EQ(filter.take().bytes, (std::vector<uint8_t>{255, 255, 255, 0, 0, 0}));
}

TEST(BoxFilter, PassesOverRowsBeyondTheLast) {
    BoxFilter filter({1, 1}, {1, 1});
    const std::vector<uint8_t> one{1, 2, 3}, two{9, 9, 9};
    filter.row(one.data());
    filter.row(two.data());
    EXPECT_EQ(filter.take().bytes, one);
}

TEST(Fitted, KeepsTheShape) {
    EXPECT_EQ(fitted({3000, 2000}, {60, 60}), (Extent{60, 40}));
    EXPECT_EQ(fitted({2000, 3000}, {60, 60}), (Extent{40, 60}));
    EXPECT_EQ(fitted({400, 100}, {80, 48}), (Extent{80, 20}));
    EXPECT_EQ(fitted({100, 100}, {80, 48}), (Extent{48, 48}));
}

TEST(Fitted, NeverGrows) {
    EXPECT_EQ(fitted({3, 2}, {80, 48}), (Extent{3, 2}));
}

TEST(Fitted, IsAtLeastAPixel) {
    EXPECT_EQ(fitted({65'535, 1}, {10, 10}), (Extent{10, 1}));
    EXPECT_EQ(fitted({1, 65'535}, {10, 10}), (Extent{1, 10}));
}

}  // namespace
}  // namespace netchat::connect

#include "modes/connect/screen/picture/exif.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace netchat::connect {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes bytesOf(std::string_view text) {
    return {text.begin(), text.end()};
}

using namespace std::string_view_literals;

// A folder of two entries, the second of which is the orientation.
Bytes littleEndian(uint8_t orientation, uint8_t type = 3) {
    Bytes bytes = bytesOf(
        "Exif\0\0II*\0\x08\0\0\0\x02\0"
        "\x0F\x01\x02\0\x01\0\0\0abc\0"
        "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
        "\0\0\0\0"sv);
    bytes[6 + 8 + 2 + 12 + 2] = type;
    bytes[6 + 8 + 2 + 12 + 8] = orientation;
    return bytes;
}

Bytes bigEndian(uint8_t orientation) {
    Bytes bytes = bytesOf(
        "Exif\0\0MM\0*\0\0\0\x0A..\0\x01"
        "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
        "\0\0\0\0"sv);
    bytes[6 + 10 + 2 + 9] = orientation;
    return bytes;
}

TEST(Exif, HasTheOrientationInBothByteOrders) {
    for (uint8_t value = 1; value <= 8; ++value) {
        EXPECT_EQ(orientationOf(littleEndian(value)), static_cast<Orientation>(value));
        EXPECT_EQ(orientationOf(bigEndian(value)), static_cast<Orientation>(value));
    }
}

TEST(Exif, IsUprightWhereItSaysNothingKnown) {
    EXPECT_EQ(orientationOf({}), Orientation::Upright);
    EXPECT_EQ(orientationOf(littleEndian(0)), Orientation::Upright);
    EXPECT_EQ(orientationOf(littleEndian(9)), Orientation::Upright);
    EXPECT_EQ(orientationOf(littleEndian(6, 4)), Orientation::Upright);
    EXPECT_EQ(orientationOf(bytesOf("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"sv)),
              Orientation::Upright);
}

TEST(Exif, ReadsNothingBeyondItsEnd) {
    for (const Bytes& whole : {littleEndian(6), bigEndian(6)}) {
        for (size_t size = 0; size < whole.size(); ++size) {
            const Bytes prefix(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
            const bool holdsIt = size + 7 >= whole.size();
            if (!holdsIt) {
                EXPECT_EQ(orientationOf(prefix), Orientation::Upright) << size;
            }
        }
    }
}

TEST(Exif, BearsAnyBytes) {
    constexpr unsigned kSeed = 3;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::mt19937 random(kSeed);
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes = round % 2 ? littleEndian(6) : bigEndian(6);
        for (int n = 0; n < 3; ++n)
            bytes[6 + random() % (bytes.size() - 6)] = static_cast<uint8_t>(random());
        const auto value = static_cast<int>(orientationOf(bytes));
        ASSERT_TRUE(value >= 1 && value <= 8);
    }
}

// An image of 3 x 2 whose pixels are letters, as text with its rows apart.
std::string turnedLetters(Orientation how) {
    RgbImage image{{3, 2}, {}};
    for (const char c : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        image.bytes.insert(image.bytes.end(), 3, static_cast<uint8_t>(c));
    }
    const RgbImage out = turned(image, how);
    std::string text;
    for (size_t i = 0; i < out.bytes.size(); i += 3) {
        if (i > 0 && i / 3 % out.extent.width == 0) text += '/';
        text += static_cast<char>(out.bytes[i]);
    }
    return text;
}

TEST(Turned, ShowsTheImageAsItWasSeen) {
    EXPECT_EQ(turnedLetters(Orientation::Upright), "abc/def");
    EXPECT_EQ(turnedLetters(Orientation::Mirrored), "cba/fed");
    EXPECT_EQ(turnedLetters(Orientation::UpsideDown), "fed/cba");
    EXPECT_EQ(turnedLetters(Orientation::Flipped), "def/abc");
    EXPECT_EQ(turnedLetters(Orientation::Transposed), "ad/be/cf");
    EXPECT_EQ(turnedLetters(Orientation::TurnRight), "da/eb/fc");
    EXPECT_EQ(turnedLetters(Orientation::Transversed), "fc/eb/da");
    EXPECT_EQ(turnedLetters(Orientation::TurnLeft), "cf/be/ad");
}

}  // namespace
}  // namespace netchat::connect

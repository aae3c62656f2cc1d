#include "tests/screens/small_png.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace netchat::test {

namespace {

constexpr int kWidth = 512, kHeight = 176;
constexpr double kSunX = 168, kSunY = 92, kSunRadius = 22;

using Rgb = std::array<double, 3>;

Rgb between(const Rgb& a, const Rgb& b, double part) {
    Rgb mixed{};
    for (size_t i = 0; i < mixed.size(); ++i) mixed[i] = a[i] + (b[i] - a[i]) * part;
    return mixed;
}

Rgb skyAt(double x, double y) {
    constexpr Rgb kNight{22, 30, 74}, kViolet{120, 66, 122}, kGlow{250, 152, 88},
        kSun{255, 236, 170};
    const double height = y / kHeight;
    const Rgb sky = height < 0.4 ? between(kNight, kViolet, height / 0.4)
                                 : between(kViolet, kGlow, std::min(1.0, (height - 0.4) / 0.4));
    const double away = std::hypot(x - kSunX, y - kSunY);
    if (away < kSunRadius) return kSun;
    return between(sky, kSun, 0.75 * std::exp((kSunRadius - away) / 38));
}

// A ridge that others stand behind.
struct Ridge {
    double level, wave, length, phase;
    Rgb color;
};

double topOf(const Ridge& ridge, double x) {
    const double at = x / ridge.length + ridge.phase;
    return ridge.level -
           ridge.wave * (std::sin(at) + 0.45 * std::sin(2.3 * at + 1) + 0.18 * std::sin(6.1 * at));
}

Rgb colorAt(int x, int y) {
    static constexpr Ridge kRidges[] = {
        {156, 12, 41, 4.2, {28, 22, 48}},
        {130, 13, 52, 1.4, {66, 44, 84}},
        {108, 15, 63, 2.6, {128, 76, 108}},
    };
    for (const Ridge& ridge : kRidges) {
        if (y > topOf(ridge, x)) return ridge.color;
    }
    return skyAt(x, y);
}

std::string rows() {
    std::string bytes;
    for (int y = 0; y < kHeight; ++y) {
        bytes += '\0';  // no filter
        for (int x = 0; x < kWidth; ++x) {
            for (const double part : colorAt(x, y)) {
                bytes += static_cast<char>(static_cast<uint8_t>(std::clamp(part, 0.0, 255.0)));
            }
        }
    }
    return bytes;
}

std::string bigEndian(uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
    return bytes;
}

uint32_t crcOf(std::string_view bytes) {
    uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc ^= static_cast<uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
    }
    return ~crc;
}

uint32_t adlerOf(std::string_view bytes) {
    uint32_t low = 1, high = 0;
    for (const char c : bytes) {
        low = (low + static_cast<uint8_t>(c)) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

std::string chunk(std::string_view type, std::string_view content) {
    const std::string named = std::string(type).append(content);
    return bigEndian(static_cast<uint32_t>(content.size())) + named + bigEndian(crcOf(named));
}

// A zlib stream of stored blocks.
std::string stored(std::string_view bytes) {
    const uint32_t check = adlerOf(bytes);
    std::string stream = "\x78\x01";
    while (!bytes.empty()) {
        const size_t size = std::min<size_t>(bytes.size(), 65535);
        const auto length = static_cast<uint16_t>(size);
        stream += size == bytes.size() ? '\x01' : '\x00';
        for (const unsigned field : {unsigned{length}, ~unsigned{length}}) {
            stream += static_cast<char>(field & 0xFF);
            stream += static_cast<char>(field >> 8 & 0xFF);
        }
        stream.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return stream + bigEndian(check);
}

}  // namespace

std::string dawnPng() {
    using namespace std::string_literals;
    const std::string header = bigEndian(kWidth) + bigEndian(kHeight) + "\x08\x02\0\0\0"s;
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", stored(rows())) +
           chunk("IEND", "");
}

}  // namespace netchat::test

#include "modes/connect/screen/picture/picture.h"

// jpeglib.h uses FILE and size_t, and does not include what has them.
#include <cstddef>
#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "tests/support/temp_folder.h"

namespace netchat::connect {
namespace {

using test::TempFolder;
using ::testing::HasSubstr;

// The bytes of the pixel (x, y): as many as its kind has.
using Painter = std::function<std::string(int x, int y)>;

// ---- PNGs

struct PngKind {
    int color = PNG_COLOR_TYPE_RGB, bits = 8, interlace = PNG_INTERLACE_NONE;
    std::vector<png_color> palette = {};
    std::vector<png_byte> alphas = {};  // of the palette
};

void appendTo(png_structp png, png_bytep bytes, size_t size) {
    static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(bytes), size);
}

std::string rowOf(int width, int y, const Painter& paint) {
    std::string row;
    for (int x = 0; x < width; ++x) row += paint(x, y);
    return row;
}

std::string makePng(int width, int height, const Painter& paint, const PngKind& kind = {}) {
    std::string out;
    auto* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    auto* info = png_create_info_struct(png);
    png_set_write_fn(png, &out, appendTo, nullptr);
    png_set_compression_level(png, 1);
    png_set_IHDR(png, info, static_cast<unsigned>(width), static_cast<unsigned>(height), kind.bits,
                 kind.color, kind.interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    const auto colors = static_cast<int>(kind.palette.size());
    if (colors > 0) png_set_PLTE(png, info, kind.palette.data(), colors);
    const auto alphas = static_cast<int>(kind.alphas.size());
    if (alphas > 0) png_set_tRNS(png, info, kind.alphas.data(), alphas, nullptr);
    png_write_info(png, info);
    const int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; ++pass) {
        for (int y = 0; y < height; ++y) {
            const std::string row = rowOf(width, y, paint);
            png_write_row(png, reinterpret_cast<png_const_bytep>(row.data()));
        }
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return out;
}

uint32_t crcOf(std::string_view bytes) {
    uint32_t crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

void putBigEndian(std::string& bytes, size_t at, uint32_t value, size_t size = 4) {
    for (size_t i = 0; i < size; ++i) {
        bytes[at + i] = static_cast<char>(value >> 8 * (size - 1 - i));
    }
}

std::string chunk(std::string_view name, std::string_view data) {
    std::string out(4, '\0');
    putBigEndian(out, 0, static_cast<uint32_t>(data.size()));
    out.append(name).append(data).append(4, '\0');
    putBigEndian(out, out.size() - 4, crcOf(std::string_view(out).substr(4, 4 + data.size())));
    return out;
}

// What IHDR says, with a checksum that is right.
std::string claiming(std::string png, uint32_t width, uint32_t height) {
    putBigEndian(png, 16, width);
    putBigEndian(png, 20, height);
    putBigEndian(png, 29, crcOf(std::string_view(png).substr(12, 17)));
    return png;
}

// ---- JPEGs

struct JpegKind {
    J_COLOR_SPACE color = JCS_RGB;
    int orientation = 0;  // 0: no Exif
    bool progressive = false;
    std::vector<jpeg_scan_info> scans = {};
};

void writeExif(jpeg_compress_struct& jpeg, int orientation) {
    std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0_\0\0\0\0\0\0\0", 32);
    exif[24] = static_cast<char>(orientation);
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
}

void setKind(jpeg_compress_struct& jpeg, const JpegKind& kind) {
    jpeg.in_color_space = kind.color;
    jpeg.input_components = kind.color == JCS_CMYK ? 4 : kind.color == JCS_GRAYSCALE ? 1 : 3;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    if (kind.progressive) jpeg_simple_progression(&jpeg);
    if (kind.scans.empty()) return;
    jpeg.scan_info = kind.scans.data();
    jpeg.num_scans = static_cast<int>(kind.scans.size());
}

std::string makeJpeg(int width, int height, const Painter& paint, const JpegKind& kind = {}) {
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = static_cast<unsigned>(width);
    jpeg.image_height = static_cast<unsigned>(height);
    setKind(jpeg, kind);
    jpeg_start_compress(&jpeg, TRUE);
    if (kind.orientation != 0) writeExif(jpeg, kind.orientation);
    for (int y = 0; y < height; ++y) {
        std::string row = rowOf(width, y, paint);
        auto* samples = reinterpret_cast<JSAMPROW>(row.data());
        jpeg_write_scanlines(&jpeg, &samples, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    std::string out(reinterpret_cast<char*>(bytes), size);
    std::free(bytes);
    return out;
}

// What the frame header says.
std::string claimingJpeg(std::string jpeg, uint32_t width, uint32_t height) {
    const size_t baseline = jpeg.find("\xFF\xC0"), progressive = jpeg.find("\xFF\xC2");
    const size_t frame = std::min(baseline, progressive);
    putBigEndian(jpeg, frame + 5, height, 2);
    putBigEndian(jpeg, frame + 7, width, 2);
    return jpeg;
}

// ---- what is painted

std::string bytes(std::initializer_list<int> values) {
    std::string out;
    for (const int value : values) out += static_cast<char>(value);
    return out;
}

Painter plain(std::initializer_list<int> values) {
    return [pixel = bytes(values)](int, int) { return pixel; };
}

// From dark to bright to the right in red, downwards in green.
Painter gradient(int width, int height) {
    return [=](int x, int y) { return bytes({x * 256 / width, y * 256 / height, 64}); };
}

std::string spots(int x, int y) {
    return bytes({x * 37 % 256, y * 53 % 256, (x ^ y) * 11 % 256});
}

// ---- what is read

class Pictures : public testing::Test {
  protected:
    Result<Picture> read(std::string_view contents, int columns = 80, int rows = 24) {
        // A file that is written anew: some file systems wait for the disk where one is replaced.
        std::filesystem::remove(folder_ / "image");
        return readPicture(folder_.write("image", contents), columns, rows);
    }
    Picture shown(std::string_view contents, int columns = 80, int rows = 24) {
        auto picture = read(contents, columns, rows);
        EXPECT_TRUE(picture) << picture.error().text;
        return picture ? *picture : Picture{.width = 1, .height = 2, .pixels{{}, {}}};
    }
    void expectRefused(std::string_view contents, ErrorCode code, const std::string& said) {
        const auto picture = read(contents);
        ASSERT_FALSE(picture);
        EXPECT_EQ(errorName(picture.error().code), errorName(code)) << picture.error().text;
        EXPECT_THAT(picture.error().text, HasSubstr("/image: "));
        EXPECT_THAT(picture.error().text, HasSubstr(said));
    }
    // Whatever the bytes are, it is an error with a text, or a picture that can be drawn.
    void expectHarmless(std::string_view contents) {
        const auto picture = read(contents, 10, 5);
        if (!picture) {
            ASSERT_FALSE(picture.error().text.empty());
            return;
        }
        ASSERT_LE(picture->width, 10);
        ASSERT_LE(picture->height, 10);
        ASSERT_EQ(picture->height % 2, 0);
        ASSERT_EQ(picture->pixels.size(), static_cast<size_t>(picture->width * picture->height));
        for (const Color color : picture->pixels) ASSERT_TRUE(color.isRgb());
    }

    TempFolder folder_;
};

void expectNear(Color color, int red, int green, int blue, int tolerance) {
    EXPECT_TRUE(color.isRgb());
    EXPECT_NEAR(color.value >> 16 & 0xFF, red, tolerance);
    EXPECT_NEAR(color.value >> 8 & 0xFF, green, tolerance);
    EXPECT_NEAR(color.value & 0xFF, blue, tolerance);
}

void expectSize(const Picture& picture, int width, int height) {
    EXPECT_EQ(picture.width, width);
    EXPECT_EQ(picture.height, height);
    EXPECT_EQ(picture.pixels.size(), static_cast<size_t>(width * height));
}

// ---- fitting

TEST_F(Pictures, OfOnePixelHaveABlackOneBelow) {
    const Picture picture = shown(makePng(1, 1, plain({10, 20, 30})));
    expectSize(picture, 1, 2);
    EXPECT_EQ(picture.at(0, 0), Color::rgb(10, 20, 30));
    EXPECT_EQ(picture.at(0, 1), Color::rgb(0, 0, 0));
}

TEST_F(Pictures, AreNeverScaledUp) {
    const Picture picture = shown(makePng(5, 3, spots));
    expectSize(picture, 5, 4);
    EXPECT_EQ(picture.at(3, 2), Color::rgb(3 * 37, 2 * 53, (3 ^ 2) * 11));
    EXPECT_EQ(picture.at(3, 3), Color::rgb(0, 0, 0));
}

TEST_F(Pictures, FitWithTheirShape) {
    const std::string photo = makePng(300, 200, gradient(300, 200));
    expectSize(shown(photo, 60, 100), 60, 40);
    expectSize(shown(photo, 100, 10), 30, 20);
    expectSize(shown(photo, 1, 1), 1, 2);
    expectSize(shown(photo, 0, -5), 1, 2);
    expectSize(shown(photo, 1'000'000'000, 2'000'000'000), 300, 200);
    expectSize(shown(makePng(200, 1, spots), 10, 10), 10, 2);
    expectSize(shown(makePng(1, 200, spots), 10, 10), 1, 20);
}

TEST_F(Pictures, OfPhotosAreTheirMeans) {
    const auto expectGradient = [](const Picture& picture) {
        expectSize(picture, 60, 40);
        for (int y = 0; y < 40; ++y) {
            for (int x = 0; x < 60; ++x) {
                expectNear(picture.at(x, y), (2 * x + 1) * 256 / 120, (2 * y + 1) * 256 / 80, 64,
                           3);
            }
        }
    };
    // Rows are made once: there are two thousand of three thousand pixels.
    std::string row;
    const auto cached = [&](int x, int y) {
        if (x == 0) row = bytes({0, y * 256 / 2000, 64});
        row[0] = static_cast<char>(x * 256 / 3000);
        return row;
    };
    expectGradient(shown(makePng(3000, 2000, cached), 60, 24));
    expectGradient(shown(makeJpeg(3000, 2000, cached), 60, 24));
}

TEST_F(Pictures, BehindALinkAreShown) {
    folder_.write("image", makePng(1, 1, plain({1, 2, 3})));
    std::filesystem::create_symlink(folder_ / "image", folder_ / "link");
    EXPECT_TRUE(readPicture(folder_ / "link", 80, 24));
}

// ---- PNG

TEST_F(Pictures, OfPalettesLieOnBlack) {
    const PngKind kind{.color = PNG_COLOR_TYPE_PALETTE,
                       .palette = {{200, 100, 50}, {200, 100, 50}, {7, 8, 9}},
                       .alphas = {0, 128}};
    const Picture picture = shown(makePng(
        3, 1, [](int x, int) { return bytes({x}); }, kind));
    EXPECT_EQ(picture.at(0, 0), Color::rgb(0, 0, 0));
    EXPECT_EQ(picture.at(1, 0), Color::rgb(100, 50, 25));
    EXPECT_EQ(picture.at(2, 0), Color::rgb(7, 8, 9));
}

TEST_F(Pictures, OfOneBitAreBlackAndWhite) {
    const PngKind kind{.color = PNG_COLOR_TYPE_GRAY, .bits = 1};
    const auto paint = [](int x, int) { return x == 0 ? bytes({0xA0}) : std::string(); };
    const Picture picture = shown(makePng(4, 1, paint, kind));
    EXPECT_EQ(picture.at(0, 0), Color::rgb(255, 255, 255));
    EXPECT_EQ(picture.at(1, 0), Color::rgb(0, 0, 0));
    EXPECT_EQ(picture.at(2, 0), Color::rgb(255, 255, 255));
}

TEST_F(Pictures, TakeEveryKindOfPng) {
    const auto first = [&](PngKind kind, std::initializer_list<int> pixel) {
        return shown(makePng(1, 1, plain(pixel), kind)).at(0, 0);
    };
    EXPECT_EQ(first({.color = PNG_COLOR_TYPE_GRAY}, {99}), Color::rgb(99, 99, 99));
    EXPECT_EQ(first({.color = PNG_COLOR_TYPE_GRAY_ALPHA}, {100, 51}), Color::rgb(20, 20, 20));
    EXPECT_EQ(first({.color = PNG_COLOR_TYPE_RGBA}, {255, 100, 0, 51}), Color::rgb(51, 20, 0));
    EXPECT_EQ(first({.color = PNG_COLOR_TYPE_GRAY, .bits = 16}, {0x80, 0x80}),
              Color::rgb(128, 128, 128));
    EXPECT_EQ(first({.bits = 16}, {0xFF, 0xFF, 0, 0, 0x40, 0x40}), Color::rgb(255, 0, 64));
    EXPECT_EQ(first({.color = PNG_COLOR_TYPE_RGBA, .bits = 16}, {255, 255, 0, 0, 0, 0, 51, 51}),
              Color::rgb(51, 0, 0));
}

TEST_F(Pictures, PassOverWhatElseAPngHolds) {
    std::string png = makePng(1, 1, plain({1, 2, 3}));
    constexpr size_t kEndBytes = 12;
    png.insert(png.size() - kEndBytes, chunk("tEXt", "Comment" + std::string(200'000, '\0')));
    EXPECT_EQ(shown(png).at(0, 0), Color::rgb(1, 2, 3));
}

TEST_F(Pictures, OfInterlacedImagesAreTheSame) {
    for (const int size : {1, 2, 7, 33}) {
        const Picture plainOne = shown(makePng(size, size, spots), 16, 8);
        const Picture interlaced =
            shown(makePng(size, size, spots, {.interlace = PNG_INTERLACE_ADAM7}), 16, 8);
        expectSize(interlaced, plainOne.width, plainOne.height);
        EXPECT_EQ(interlaced.pixels, plainOne.pixels) << size;
    }
}

// ---- JPEG

TEST_F(Pictures, TakeEveryKindOfJpeg) {
    const auto first = [&](JpegKind kind, std::initializer_list<int> pixel) {
        return shown(makeJpeg(16, 16, plain(pixel), kind)).at(0, 0);
    };
    expectNear(first({}, {200, 100, 50}), 200, 100, 50, 3);
    expectNear(first({.progressive = true}, {200, 100, 50}), 200, 100, 50, 3);
    expectNear(first({.color = JCS_GRAYSCALE}, {99}), 99, 99, 99, 1);
    // Inverted, as Adobe does; libjpeg writes its marker.
    expectNear(first({.color = JCS_CMYK}, {200, 100, 50, 255}), 200, 100, 50, 3);
    expectNear(first({.color = JCS_CMYK}, {200, 100, 50, 51}), 40, 20, 10, 3);
}

TEST_F(Pictures, OfJpegsAreDecodedInPartsOfTheirSize) {
    for (const int size : {17, 40, 63, 64, 65, 100, 257}) {
        const Picture picture = shown(makeJpeg(size, size, gradient(size, size)), 16, 8);
        expectSize(picture, 16, 16);
        const int first = 8 - 128 / size, last = 248 - 128 / size;
        expectNear(picture.at(0, 0), first, first, 64, 6);
        expectNear(picture.at(15, 15), last, last, 64, 6);
    }
}

// Red at the left of the top, blue at its right, and both rows below black.
std::string corner(int x, int y) {
    if (y >= 8) return bytes({0, 0, 0});
    return x < 8 ? bytes({255, 0, 0}) : bytes({0, 0, 255});
}

TEST_F(Pictures, OfCamerasAreTurned) {
    struct Expected {
        int orientation, width, height, redX, redY, blueX, blueY;
    };
    for (const Expected& e :
         {Expected{1, 24, 16, 2, 2, 20, 2}, Expected{2, 24, 16, 21, 2, 2, 2},
          Expected{3, 24, 16, 21, 13, 2, 13}, Expected{4, 24, 16, 2, 13, 20, 13},
          Expected{5, 16, 24, 2, 2, 2, 20}, Expected{6, 16, 24, 13, 2, 13, 20},
          Expected{7, 16, 24, 13, 21, 13, 2}, Expected{8, 16, 24, 2, 21, 2, 2}}) {
        SCOPED_TRACE(e.orientation);
        const Picture picture = shown(makeJpeg(24, 16, corner, {.orientation = e.orientation}));
        expectSize(picture, e.width, e.height);
        expectNear(picture.at(e.redX, e.redY), 255, 0, 0, 8);
        expectNear(picture.at(e.blueX, e.blueY), 0, 0, 255, 8);
    }
}

TEST_F(Pictures, OfCamerasFitAsTheyAreShown) {
    expectSize(shown(makeJpeg(200, 100, corner, {.orientation = 6}), 80, 24), 24, 48);
    expectSize(shown(makeJpeg(200, 100, corner, {.orientation = 1}), 80, 24), 80, 40);
    expectSize(shown(makeJpeg(9, 5, corner, {.orientation = 8}), 80, 24), 5, 10);
}

TEST_F(Pictures, OfJpegsThatWereCutAreGreyWhereTheyWere) {
    const std::string jpeg = makeJpeg(64, 64, [](int x, int y) { return spots(x / 4, y / 4); });
    testing::internal::CaptureStderr();
    const Picture cut = shown(std::string_view(jpeg).substr(0, jpeg.size() * 2 / 3), 64, 32);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    const Picture whole = shown(jpeg, 64, 32);
    expectSize(cut, 64, 64);
    EXPECT_EQ(cut.at(5, 5), whole.at(5, 5));
    EXPECT_EQ(cut.at(10, 63), cut.at(60, 63));
}

// ---- what is refused

TEST_F(Pictures, AreRegularFiles) {
    const auto refused = [](const std::filesystem::path& path) {
        const auto picture = readPicture(path, 80, 24);
        return picture ? "" : picture.error().text;
    };
    EXPECT_THAT(refused(folder_.path()), HasSubstr("it is a folder"));
    EXPECT_THAT(refused(folder_ / "missing"), HasSubstr("No such file"));
    EXPECT_THAT(refused("/dev/null"), HasSubstr("not a regular file"));
    const auto pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(refused(pipe), HasSubstr("not a regular file"));
    std::filesystem::create_symlink(pipe, folder_ / "link");
    EXPECT_THAT(refused(folder_ / "link"), HasSubstr("not a regular file"));
}

TEST_F(Pictures, SayTheirNameWithoutHarm) {
    const auto picture = readPicture(folder_.write("a\x1b[31m\n.png", "text"), 80, 24);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().text.find_first_of("\x1b\n"), std::string::npos);
}

TEST_F(Pictures, AreNeitherTextNorNothing) {
    expectRefused("this is no image at all\n", ErrorCode::BadValue, "neither PNG nor JPEG");
    expectRefused("", ErrorCode::BadValue, "neither PNG nor JPEG");
    expectRefused("\x89PNG", ErrorCode::BadValue, "neither PNG nor JPEG");
    expectRefused("GIF89a", ErrorCode::BadValue, "neither PNG nor JPEG");
}

TEST_F(Pictures, AreNotGarbageWithAGoodBeginning) {
    constexpr unsigned kSeed = 11;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::mt19937 random(kSeed);
    std::string noise(5'000, ' ');
    for (char& c : noise) c = static_cast<char>(random());
    expectRefused("\x89PNG\r\n\x1a\n" + noise, ErrorCode::BadValue, "damaged");
    expectRefused("\xFF\xD8\xFF" + noise, ErrorCode::BadValue, "damaged");
}

TEST_F(Pictures, AreFilesOfABoundedSize) {
    const auto path = folder_.write("image", makePng(1, 1, plain({1, 2, 3})));
    std::filesystem::resize_file(path, kPictureBytesMax);
    EXPECT_TRUE(readPicture(path, 80, 24)) << "what follows an image does not matter";
    std::filesystem::resize_file(path, kPictureBytesMax + 1);
    const auto picture = readPicture(path, 80, 24);
    ASSERT_FALSE(picture);
    EXPECT_EQ(errorName(picture.error().code), errorName(ErrorCode::TooLarge));
    EXPECT_THAT(picture.error().text, HasSubstr("at most 16.0 MiB"));
}

TEST_F(Pictures, AreNotOfMorePixelsThanTheirFileIsWorth) {
    const std::string png = makePng(4, 4, spots), jpeg = makeJpeg(4, 4, spots);
    expectRefused(claiming(png, 60'000, 60'000), ErrorCode::TooLarge, "60000 x 60000 pixels");
    expectRefused(claiming(png, 0x7FFFFFFF, 0x7FFFFFFF), ErrorCode::TooLarge, "too many");
    expectRefused(claiming(png, 65'536, 1), ErrorCode::TooLarge, "65535 in a row or column");
    expectRefused(claiming(png, 8'001, 5'000), ErrorCode::TooLarge, "at most 40 million");
    expectRefused(claiming(png, 8'000, 5'000), ErrorCode::BadValue, "damaged");
    expectRefused(claimingJpeg(jpeg, 60'000, 60'000), ErrorCode::TooLarge, "60000 x 60000 pixels");
}

TEST_F(Pictures, HaveNoMoreDataThanPixels) {
    constexpr unsigned kSeed = 5;
    std::mt19937 random(kSeed);
    const auto noise = [&](int, int) { return bytes({static_cast<int>(random() % 256)}); };
    const std::string png = makePng(400, 400, noise, {.color = PNG_COLOR_TYPE_GRAY});
    expectRefused(claiming(png, 1, 1), ErrorCode::BadValue, "more data than pixels");
    EXPECT_TRUE(read(png));
}

TEST_F(Pictures, AreNotOfNoPixels) {
    const std::string png = makePng(4, 4, spots), jpeg = makeJpeg(4, 4, spots);
    expectRefused(claiming(png, 0, 4), ErrorCode::BadValue, "damaged");
    expectRefused(claiming(png, 4, 0), ErrorCode::BadValue, "damaged");
    expectRefused(claiming(png, 0xFFFFFFFF, 4), ErrorCode::BadValue, "damaged");
    expectRefused(claimingJpeg(jpeg, 4, 0), ErrorCode::BadValue, "damaged");
    expectRefused(claimingJpeg(jpeg, 0, 4), ErrorCode::BadValue, "damaged");
}

TEST_F(Pictures, AreSmallerWhereTheyAreWholeInMemory) {
    const std::string png = makePng(4, 4, spots, {.interlace = PNG_INTERLACE_ADAM7});
    expectRefused(claiming(png, 4'000, 3'000), ErrorCode::TooLarge, "interlaced");
    const std::string jpeg = makeJpeg(4, 4, spots, {.progressive = true});
    expectRefused(claimingJpeg(jpeg, 6'600, 6'000), ErrorCode::TooLarge, "progressive");
}

// Each coefficient of each component in a scan of its own.
std::vector<jpeg_scan_info> manyScans() {
    std::vector<jpeg_scan_info> scans{{3, {0, 1, 2, 0}, 0, 0, 0, 0}};
    for (int component = 0; component < 3; ++component) {
        for (int i = 1; i < 64; ++i) scans.push_back({1, {component, 0, 0, 0}, i, i, 0, 0});
    }
    return scans;
}

TEST_F(Pictures, AreNotDecodedInHundredsOfScans) {
    auto scans = manyScans();
    expectRefused(makeJpeg(16, 16, spots, {.scans = scans}), ErrorCode::TooLarge, "progressive");
    scans.resize(90);
    EXPECT_TRUE(read(makeJpeg(16, 16, spots, {.scans = scans})));
}

// ---- damage

TEST_F(Pictures, OfPngsThatWereCutAreErrors) {
    for (const int interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7}) {
        const std::string png = makePng(9, 9, spots, {.interlace = interlace});
        for (size_t size = 0; size < png.size(); ++size) {
            const auto picture = read(std::string_view(png).substr(0, size));
            ASSERT_FALSE(picture) << size;
            const std::string said = size < 8 ? "neither" : "it is damaged: ";
            ASSERT_THAT(picture.error().text, HasSubstr(said)) << size;
        }
        EXPECT_TRUE(read(png));
    }
}

TEST_F(Pictures, OfJpegsThatWereCutAreHarmless) {
    for (const bool progressive : {false, true}) {
        const std::string jpeg =
            makeJpeg(20, 20, spots, {.orientation = 6, .progressive = progressive});
        for (size_t size = 0; size < jpeg.size(); ++size) {
            expectHarmless(std::string_view(jpeg).substr(0, size));
        }
    }
}

TEST_F(Pictures, WithAWrongByteAreHarmless) {
    constexpr unsigned kSeed = 20240607;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::mt19937 random(kSeed);
    const PngKind palette{.color = PNG_COLOR_TYPE_PALETTE,
                          .bits = 8,
                          .interlace = PNG_INTERLACE_ADAM7,
                          .palette = {{1, 2, 3}, {4, 5, 6}},
                          .alphas = {9}};
    const std::vector<std::string> images{
        makePng(9, 9, spots),
        makePng(
            9, 9, [](int x, int) { return bytes({x % 2}); }, palette),
        makeJpeg(20, 20, spots, {.orientation = 6}), makeJpeg(20, 20, spots, {.progressive = true}),
        makeJpeg(20, 20, plain({9, 9, 9, 9}), {.color = JCS_CMYK})};
    testing::internal::CaptureStderr();
    for (int round = 0; round < 3'000; ++round) {
        std::string image = images[static_cast<size_t>(round) % images.size()];
        const size_t at = random() % image.size();
        image[at] = static_cast<char>(random());
        SCOPED_TRACE("round " + std::to_string(round) + ", byte " + std::to_string(at));
        expectHarmless(image);
        if (HasFatalFailure()) break;
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace netchat::connect

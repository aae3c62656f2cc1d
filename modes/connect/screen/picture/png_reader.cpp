#include "modes/connect/screen/picture/png_reader.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr std::array<uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr size_t kRgbaChannels = 4;  // red, green, blue, alpha
// Compressed, a row is hardly longer than it is. What takes more than this beyond it holds
// something else: after the last row libpng would unpack gigabytes of it to see whether they end
// well.
constexpr size_t kExcessBytesMax = 64 * 1024;
constexpr size_t kPixelBytesMax = 8;

void overBlack(const uint8_t* rgba, uint8_t* rgb, uint32_t width) {
    for (uint32_t x = 0; x < width; ++x, rgba += kRgbaChannels, rgb += 3) {
        const unsigned alpha = rgba[3];
        for (size_t c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>((rgba[c] * alpha + 127) / 255);
    }
}

}  // namespace

// libpng jumps back out of its functions on errors. So each method that calls one of them sets the
// place to jump to, holds no object with a destructor, and says whether it came to its end.
struct PngReader::Inside {
    std::span<const uint8_t> rest;
    size_t allowance = SIZE_MAX;  // how much of the rest may be taken for now
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::array<char, 200> text{};  // of the last error
    Extent extent = {};
    int passes = 1;

    ~Inside() { png_destroy_read_struct(&png, &info, nullptr); }

    bool create();
    bool readHeader();
    bool start();
    bool readRow(uint8_t* rgba);
    bool readEnd();
    Error damaged() const {
        return {ErrorCode::BadValue, "it is damaged: " + forLog(text.data(), text.size())};
    }

    [[noreturn]] static void onError(png_structp png, png_const_charp text);
    static void onWarning(png_structp, png_const_charp) {}
    static void onRead(png_structp png, png_bytep out, size_t size);
};

void PngReader::Inside::onError(png_structp png, png_const_charp text) {
    auto& inside = *static_cast<Inside*>(png_get_error_ptr(png));
    std::snprintf(inside.text.data(), inside.text.size(), "%s", text);
    png_longjmp(png, 1);
}

void PngReader::Inside::onRead(png_structp png, png_bytep out, size_t size) {
    auto& inside = *static_cast<Inside*>(png_get_io_ptr(png));
    if (size > inside.rest.size()) png_error(png, "it ends too early");
    if (size > inside.allowance) png_error(png, "it has more data than pixels");
    std::memcpy(out, inside.rest.data(), size);
    inside.rest = inside.rest.subspan(size);
    inside.allowance -= size;
}

bool PngReader::Inside::create() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, onWarning);
    info = png ? png_create_info_struct(png) : nullptr;
    return info != nullptr;
}

bool PngReader::Inside::readHeader() {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, this, onRead);
    // Bounds with texts of their own follow; libpng's would come first.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    // Texts, profiles and all else that only costs memory here are passed over unread.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png, info);
    extent = {png_get_image_width(png, info), png_get_image_height(png, info)};
    return true;
}

bool PngReader::Inside::start() {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_expand(png);  // palettes, few bits, and the colour that is transparent
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
    passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != size_t{extent.width} * kRgbaChannels) {
        png_error(png, "its pixels are of no known kind");
    }
    return true;
}

bool PngReader::Inside::readRow(uint8_t* rgba) {
    if (setjmp(png_jmpbuf(png))) return false;
    allowance = size_t{extent.width} * kPixelBytesMax + kExcessBytesMax;
    png_read_row(png, rgba, nullptr);
    return true;
}

bool PngReader::Inside::readEnd() {
    if (setjmp(png_jmpbuf(png))) return false;
    allowance = SIZE_MAX;
    png_read_end(png, nullptr);
    return true;
}

bool PngReader::isOne(std::span<const uint8_t> bytes) {
    return bytes.size() >= kSignature.size() &&
           std::equal(kSignature.begin(), kSignature.end(), bytes.begin());
}

PngReader::PngReader(std::span<const uint8_t> bytes) : inside_(std::make_unique<Inside>()) {
    inside_->rest = bytes;
}

PngReader::~PngReader() = default;

Result<Extent> PngReader::header() {
    if (!inside_->create()) return Error{ErrorCode::Internal, "libpng can't be used"};
    if (!inside_->readHeader()) return inside_->damaged();
    return inside_->extent;
}

// An interlaced image is read in several passes, each of which adds pixels to its rows.
Status PngReader::pixels(BoxFilter& out) {
    if (!inside_->start()) return inside_->damaged();
    const bool interlaced = inside_->passes > 1;
    const Extent extent = inside_->extent;
    if (interlaced && extent.pixels() > kInterlacedPixelsMax) {
        return Error{ErrorCode::TooLarge, "it is too large for an interlaced image"};
    }
    const size_t rowBytes = size_t{extent.width} * kRgbaChannels;
    std::vector<uint8_t> rgba(rowBytes * (interlaced ? extent.height : 1));
    std::vector<uint8_t> rgb(size_t{extent.width} * 3);
    for (int pass = 1; pass <= inside_->passes; ++pass) {
        for (uint32_t y = 0; y < extent.height; ++y) {
            uint8_t* row = rgba.data() + (interlaced ? y * rowBytes : 0);
            if (!inside_->readRow(row)) return inside_->damaged();
            if (pass < inside_->passes) continue;
            overBlack(row, rgb.data(), extent.width);
            out.row(rgb.data());
        }
    }
    if (!inside_->readEnd()) return inside_->damaged();
    return Ok{};
}

}  // namespace netchat::connect

#include "modes/connect/screen/picture/jpeg_reader.h"

// jpeglib.h uses FILE and size_t, and does not include what has them.
#include <cstddef>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <string>
#include <vector>

#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr std::array<uint8_t, 3> kStart{0xFF, 0xD8, 0xFF};
constexpr unsigned kSegmentBytesMax = 0xFFFF;

// Roughly: without the profile of the printer that it was made for. Adobe stores it inverted.
void withoutInk(const uint8_t* cmyk, uint8_t* rgb, uint32_t width, bool inverted) {
    const uint8_t flip = inverted ? 0 : 0xFF;
    for (uint32_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
        const unsigned light = cmyk[3] ^ flip;
        for (size_t c = 0; c < 3; ++c) {
            rgb[c] =
                static_cast<uint8_t>((static_cast<unsigned>(cmyk[c] ^ flip) * light + 127) / 255);
        }
    }
}

}  // namespace

// libjpeg's errors jump back out of its functions. So each method that calls one of them sets the
// place to jump to, holds no object with a destructor, and says whether it came to its end.
struct JpegReader::Inside {
    std::span<const uint8_t> bytes;
    jpeg_decompress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg_progress_mgr progress{};
    std::jmp_buf jump{};
    std::array<char, JMSG_LENGTH_MAX> text{};  // of the last error
    ErrorCode code = ErrorCode::BadValue;

    ~Inside() { jpeg_destroy_decompress(&jpeg); }

    bool readHeader();
    bool start(Extent least);
    bool readRow(uint8_t* row);
    bool isInk() const { return jpeg.out_color_space == JCS_CMYK; }
    Error failure() const {
        if (code == ErrorCode::TooLarge) return {code, "it is too large for a progressive image"};
        return {code, "it is damaged: " + forLog(text.data(), text.size())};
    }

    static Inside& of(j_common_ptr jpeg) { return *static_cast<Inside*>(jpeg->client_data); }
    [[noreturn]] static void onError(j_common_ptr jpeg);
    static void onMessage(j_common_ptr, int) {}
    static void onOutput(j_common_ptr) {}
    static void onProgress(j_common_ptr jpeg);
};

void JpegReader::Inside::onError(j_common_ptr jpeg) {
    Inside& inside = of(jpeg);
    const int code = jpeg->err->msg_code;
    const bool memory = code == JERR_NO_BACKING_STORE || code == JERR_OUT_OF_MEMORY;
    inside.code = memory ? ErrorCode::TooLarge : ErrorCode::BadValue;
    jpeg->err->format_message(jpeg, inside.text.data());
    std::longjmp(inside.jump, 1);
}

void JpegReader::Inside::onProgress(j_common_ptr jpeg) {
    Inside& inside = of(jpeg);
    const int scans = inside.jpeg.input_scan_number;
    const uint64_t pixels = Extent{inside.jpeg.image_width, inside.jpeg.image_height}.pixels();
    const bool bearable =
        scans <= kJpegScansMax && static_cast<uint64_t>(scans) * pixels <= kJpegScannedPixelsMax;
    if (bearable) return;
    inside.code = ErrorCode::TooLarge;
    std::longjmp(inside.jump, 1);
}

bool JpegReader::Inside::readHeader() {
    jpeg.err = jpeg_std_error(&errors);
    jpeg.client_data = this;
    errors.error_exit = onError;
    errors.emit_message = onMessage;
    errors.output_message = onOutput;
    if (setjmp(jump)) return false;
    jpeg_create_decompress(&jpeg);
    progress.progress_monitor = onProgress;
    jpeg.progress = &progress;
    jpeg.mem->max_memory_to_use = kJpegMemoryBytesMax;
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, kSegmentBytesMax);
    jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
    jpeg_read_header(&jpeg, TRUE);
    return true;
}

bool JpegReader::Inside::start(Extent least) {
    if (setjmp(jump)) return false;
    const bool ink = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
    jpeg.out_color_space = ink ? JCS_CMYK : JCS_RGB;
    jpeg.scale_num = 1;
    for (const unsigned part : {8U, 4U, 2U, 1U}) {
        jpeg.scale_denom = part;
        jpeg_calc_output_dimensions(&jpeg);
        if (jpeg.output_width >= least.width && jpeg.output_height >= least.height) break;
    }
    jpeg_start_decompress(&jpeg);
    return true;
}

bool JpegReader::Inside::readRow(uint8_t* row) {
    if (setjmp(jump)) return false;
    jpeg_read_scanlines(&jpeg, &row, 1);
    return true;
}

bool JpegReader::isOne(std::span<const uint8_t> bytes) {
    return bytes.size() >= kStart.size() && std::equal(kStart.begin(), kStart.end(), bytes.begin());
}

JpegReader::JpegReader(std::span<const uint8_t> bytes) : inside_(std::make_unique<Inside>()) {
    inside_->bytes = bytes;
}

JpegReader::~JpegReader() = default;

Result<Extent> JpegReader::header() {
    if (!inside_->readHeader()) return inside_->failure();
    return Extent{inside_->jpeg.image_width, inside_->jpeg.image_height};
}

Orientation JpegReader::orientation() const {
    for (auto* marker = inside_->jpeg.marker_list; marker; marker = marker->next) {
        const std::span<const uint8_t> data(marker->data, marker->data_length);
        const Orientation found = orientationOf(data);
        if (found != Orientation::Upright) return found;
    }
    return Orientation::Upright;
}

Result<Extent> JpegReader::begin(Extent least) {
    if (!inside_->start(least)) return inside_->failure();
    return Extent{inside_->jpeg.output_width, inside_->jpeg.output_height};
}

Status JpegReader::pixels(BoxFilter& out) {
    const auto& jpeg = inside_->jpeg;
    std::vector<uint8_t> row(size_t{jpeg.output_width} *
                             static_cast<size_t>(jpeg.output_components));
    std::vector<uint8_t> rgb(size_t{jpeg.output_width} * 3);
    while (jpeg.output_scanline < jpeg.output_height) {
        if (!inside_->readRow(row.data())) return inside_->failure();
        if (inside_->isInk()) {
            withoutInk(row.data(), rgb.data(), jpeg.output_width, jpeg.saw_Adobe_marker);
        }
        out.row(inside_->isInk() ? rgb.data() : row.data());
    }
    return Ok{};
}

}  // namespace netchat::connect

#include "modes/connect/screen/picture/picture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "modes/connect/screen/picture/box_filter.h"
#include "modes/connect/screen/picture/exif.h"
#include "modes/connect/screen/picture/jpeg_reader.h"
#include "modes/connect/screen/picture/png_reader.h"
#include "modes/descriptor.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

using Bytes = std::vector<uint8_t>;

// JPEG's own bound. A row of so many pixels is still small.
constexpr uint32_t kSideMax = 65'535;
// More than any terminal has; the picture stays below 8 million pixels.
constexpr int kColumnsMax = 2'000, kRowsMax = 2'000;

Error unreadable() {
    return {ErrorCode::NoSuchFile, std::generic_category().message(errno)};
}

Error tooLong() {
    return {ErrorCode::TooLarge, "it is too large to show: at most " + sizeText(kPictureBytesMax)};
}

// It is read to its end, whatever its size was said to be: it may be growing.
Result<Bytes> readAll(int fd, size_t expected) {
    Bytes bytes(expected + 1);
    size_t got = 0;
    while (true) {
        const ssize_t n = ::read(fd, bytes.data() + got, bytes.size() - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return unreadable();
        if (n == 0) break;
        got += static_cast<size_t>(n);
        if (got > kPictureBytesMax) return tooLong();
        if (got == bytes.size()) bytes.resize(std::min<size_t>(2 * got, kPictureBytesMax + 1));
    }
    bytes.resize(got);
    return bytes;
}

Result<Bytes> contentsOf(const std::filesystem::path& path) {
    // Non-blocking, so that a named pipe is refused below rather than waited for.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return unreadable();
    if (S_ISDIR(info.st_mode)) return Error{ErrorCode::NoSuchFile, "it is a folder"};
    if (!S_ISREG(info.st_mode)) return Error{ErrorCode::NoSuchFile, "it is not a regular file"};
    if (static_cast<uint64_t>(info.st_size) > kPictureBytesMax) return tooLong();
    return readAll(file.get(), static_cast<size_t>(info.st_size));
}

Status checkExtent(Extent image) {
    if (image.width == 0 || image.height == 0) {
        return Error{ErrorCode::BadValue, "it is damaged: it has no pixels"};
    }
    const bool fits =
        image.width <= kSideMax && image.height <= kSideMax && image.pixels() <= kPicturePixelsMax;
    if (fits) return Ok{};
    return Error{ErrorCode::TooLarge, "its " + std::to_string(image.width) + " x " +
                                          std::to_string(image.height) +
                                          " pixels are too many: at most " +
                                          std::to_string(kPicturePixelsMax / 1'000'000) +
                                          " million, and 65535 in a row or column"};
}

Extent sideways(Extent extent) {
    return {extent.height, extent.width};
}

Result<RgbImage> smallPng(std::span<const uint8_t> bytes, Extent room) {
    PngReader png(bytes);
    const auto image = png.header();
    if (!image) return image.error();
    if (auto status = checkExtent(*image); !status) return status.error();
    BoxFilter filter(*image, fitted(*image, room));
    if (auto status = png.pixels(filter); !status) return status.error();
    return filter.take();
}

Result<RgbImage> smallJpeg(std::span<const uint8_t> bytes, Extent room) {
    JpegReader jpeg(bytes);
    const auto image = jpeg.header();
    if (!image) return image.error();
    if (auto status = checkExtent(*image); !status) return status.error();
    const Orientation orientation = jpeg.orientation();
    const Extent small = fitted(*image, isSideways(orientation) ? sideways(room) : room);
    const auto decoded = jpeg.begin(small);
    if (!decoded) return decoded.error();
    BoxFilter filter(*decoded, small);
    if (auto status = jpeg.pixels(filter); !status) return status.error();
    return turned(filter.take(), orientation);
}

Result<RgbImage> smallImage(const std::filesystem::path& file, Extent room) {
    const auto bytes = contentsOf(file);
    if (!bytes) return bytes.error();
    if (PngReader::isOne(*bytes)) return smallPng(*bytes, room);
    if (JpegReader::isOne(*bytes)) return smallJpeg(*bytes, room);
    return Error{ErrorCode::BadValue, "it is neither PNG nor JPEG"};
}

Picture pictureOf(const RgbImage& image) {
    const uint32_t evenHeight = image.extent.height + image.extent.height % 2;
    Picture picture{.width = static_cast<int>(image.extent.width),
                    .height = static_cast<int>(evenHeight),
                    .pixels = {}};
    picture.pixels.reserve(size_t{image.extent.width} * evenHeight);
    for (size_t i = 0; i + 2 < image.bytes.size(); i += 3) {
        picture.pixels.push_back(
            Color::rgb(image.bytes[i], image.bytes[i + 1], image.bytes[i + 2]));
    }
    picture.pixels.resize(size_t{image.extent.width} * evenHeight, Color::rgb(0, 0, 0));
    return picture;
}

}  // namespace

Result<Picture> readPicture(const std::filesystem::path& file, int columns, int rows) {
    const auto width = static_cast<uint32_t>(std::clamp(columns, 1, kColumnsMax));
    const auto height = static_cast<uint32_t>(std::clamp(rows, 1, kRowsMax)) * 2;
    const auto image = smallImage(file, {width, height});
    if (image) return pictureOf(*image);
    return Error{image.error().code,
                 "cannot show " + forLog(file.native(), 200) + ": " + image.error().text};
}

}  // namespace netchat::connect

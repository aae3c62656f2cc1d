#include "modes/net/iconv_converter.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace netchat::net {

namespace {

// Bytes for one call, so that they end where a character of UTF-8 ends: iconv goes back to the
// start of what it was given for each character that it cannot convert.
std::string_view pieceOf(std::string_view text) {
    constexpr size_t kPieceBytes = 64;
    size_t length = std::min(kPieceBytes, text.size());
    while (length > kPieceBytes - 4 && length < text.size() && (text[length] & 0xC0) == 0x80) {
        --length;
    }
    return text.substr(0, length);
}

}  // namespace

IconvConverter::IconvConverter(const std::string& to, const std::string& from)
    : handle_(iconv_open(to.c_str(), from.c_str())) {
}

IconvConverter::~IconvConverter() {
    if (works()) iconv_close(handle_);
}

bool IconvConverter::works() const {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how iconv_open() says that it failed.
    return handle_ != reinterpret_cast<iconv_t>(-1);
}

bool IconvConverter::append(std::string& out, std::string_view bytes) {
    reset();
    while (!bytes.empty()) {
        const int error = step(out, bytes);
        if (error != 0 && error != E2BIG) return false;
    }
    finish(out);
    return true;
}

void IconvConverter::reset() {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
}

bool IconvConverter::convert(std::string& out, std::string_view& text) {
    while (!text.empty()) {
        std::string_view piece = pieceOf(text);
        const size_t size = piece.size();
        const int error = step(out, piece);
        text.remove_prefix(size - piece.size());
        if (error != 0 && error != E2BIG) return false;
    }
    return true;
}

// A stateful charset returns to its first state.
void IconvConverter::finish(std::string& out) {
    std::string_view none;
    step(out, none, true);
}

// One call of iconv: takes from `text`, appends to `out`; 0 or errno.
int IconvConverter::step(std::string& out, std::string_view& text, bool flush) {
    std::array<char, 1024> piece;
    char* to = piece.data();
    size_t room = piece.size();
    char* from = const_cast<char*>(text.data());
    size_t left = text.size();
    const size_t result = flush ? iconv(handle_, nullptr, nullptr, &to, &room)
                                : iconv(handle_, &from, &left, &to, &room);
    const int error = result == static_cast<size_t>(-1) ? errno : 0;
    out.append(piece.data(), piece.size() - room);
    text.remove_prefix(text.size() - left);
    return error;
}

}  // namespace netchat::net

#include "modes/net/single_byte_charset.h"

#include <algorithm>

namespace netchat::net {

namespace {

constexpr char16_t kNothing = 0xFFFE;

}  // namespace

SingleByteCharset::SingleByteCharset(const SingleByteTable& table) : name_(table.name) {
    meanings_.fill(kNothing);
    for (size_t i = 0; i < 128; ++i) {
        meanings_[i] = table.lower.empty() ? static_cast<char16_t>(i) : table.lower[i];
    }
    std::copy(table.upper.begin(), table.upper.end(), meanings_.begin() + 128);
    for (size_t i = 0; i < meanings_.size(); ++i) {
        if (meanings_[i] != kNothing) {
            bytes_.emplace_back(meanings_[i], static_cast<unsigned char>(i));
        }
    }
    std::sort(bytes_.begin(), bytes_.end());
}

int SingleByteCharset::byteOf(char32_t c) const {
    // Of two bytes that mean the same the smaller one is said.
    const auto found =
        std::lower_bound(bytes_.begin(), bytes_.end(), std::pair<char32_t, unsigned char>{c, 0});
    return found != bytes_.end() && found->first == c ? found->second : -1;
}

Result<std::string_view> SingleByteCharset::toUtf8(std::string_view bytes, std::string& buffer) {
    buffer.clear();
    for (const char byte : bytes) {
        const char16_t meaning = meanings_[static_cast<unsigned char>(byte)];
        if (meaning == kNothing) {
            return Error{ErrorCode::BadText, "a text must be valid " + std::string(name_)};
        }
        utf8::append(buffer, meaning);
    }
    return std::string_view(buffer);
}

size_t SingleByteCharset::encode(std::string_view text, std::string& out) {
    size_t lost = 0;
    while (!text.empty()) {
        const char32_t c = utf8::next(text);
        if (const int byte = byteOf(c); byte >= 0) {
            out += static_cast<char>(byte);
            continue;
        }
        const std::u32string parts = spelling(c);
        for (const char32_t part : parts) out += static_cast<char>(byteOf(part));
        if (!parts.empty()) continue;
        out += static_cast<char>(byteOf(U'?'));
        ++lost;
    }
    return lost;
}

}  // namespace netchat::net

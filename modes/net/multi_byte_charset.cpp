#include "modes/net/multi_byte_charset.h"

#include <algorithm>
#include <optional>

#include "modes/net/hangul.h"

namespace netchat::net {

namespace {

// What a rule makes of the key, 0: refused; nothing where there is no rule for it.
std::optional<uint32_t> ruled(std::span<const MultiByteRule> rules, uint32_t key) {
    const auto rule = std::lower_bound(rules.begin(), rules.end(), key,
                                       [](const auto& r, uint32_t k) { return r.last < k; });
    if (rule == rules.end() || key < rule->first) return std::nullopt;
    return rule->to == 0 ? 0 : rule->to + (key - rule->first);
}

void appendNumber(std::string& out, uint32_t bytes) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (bytes >> shift != 0) out += static_cast<char>(bytes >> shift & 0xFF);
    }
}

uint32_t numberOf(std::string_view bytes) {
    uint32_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

// Bytes of the character in front.
size_t characterBytes(Shape shape, std::string_view bytes) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x81 || lead == 0xFF) return 1;
    if (shape == Shape::ShiftJis && ((lead >= 0xA0 && lead <= 0xDF) || lead > 0xFC)) return 1;
    if (shape == Shape::EucJp && lead == 0x8F) return 3;
    const bool digit = bytes.size() > 1 && at(1) >= '0' && at(1) <= '9';
    return shape == Shape::Gb18030 && digit ? 4 : 2;
}

}  // namespace

MultiByteCharset::MultiByteCharset(const MultiByteTable& table)
    : table_(table),
      decoder_("utf-8", std::string(table.iconv)),
      encoder_(std::string(table.iconv), "utf-8"),
      probe_(std::string(table.iconv), "utf-8") {
}

bool MultiByteCharset::works() const {
    return decoder_.works() && encoder_.works() && probe_.works();
}

// ---- reading

Result<std::string_view> MultiByteCharset::toUtf8(std::string_view bytes, std::string& buffer) {
    buffer.clear();
    bool valid = true;
    if (table_.shape == Shape::Stateful) {
        valid = decodeStateful(bytes, buffer);
    } else {
        while (valid && !bytes.empty()) valid = decodeNext(bytes, buffer);
    }
    if (valid) return std::string_view(buffer);
    return Error{ErrorCode::BadText, "a text must be valid " + std::string(table_.name)};
}

bool MultiByteCharset::decodeStateful(std::string_view bytes, std::string& out) {
    if (!decoder_.append(out, bytes)) return false;
    // iconv passes on an escape that it does not know, and the text behind it would be another.
    for (std::string_view rest = out; !rest.empty();) {
        if (ruled(table_.encode, utf8::next(rest)) == 0U) return false;
    }
    return true;
}

bool MultiByteCharset::decodeNext(std::string_view& bytes, std::string& out) {
    if (table_.shape == Shape::EucKr) {
        if (const char32_t syllable = hangul::takeComposed(bytes); syllable != 0) {
            utf8::append(out, syllable);
            return true;
        }
    }
    const size_t size = characterBytes(table_.shape, bytes);
    if (size > bytes.size()) return false;
    const std::string_view character = bytes.substr(0, size);
    bytes.remove_prefix(size);
    const auto meaning = ruled(table_.decode, numberOf(character));
    if (meaning) {
        if (*meaning != 0) utf8::append(out, *meaning);
        return *meaning != 0;
    }
    if (size == 1 && static_cast<unsigned char>(character[0]) < 0x80) {
        out += character;
        return true;
    }
    return decoder_.append(out, character);
}

// ---- writing

size_t MultiByteCharset::encode(std::string_view text, std::string& out) {
    size_t lost = 0;
    encoder_.reset();
    while (!text.empty()) {
        // As much as iconv says as Python does.
        std::string_view rest = text;
        std::optional<uint32_t> rule;
        char32_t c = 0;
        size_t run = 0;
        while (!rest.empty()) {
            c = utf8::next(rest);
            if ((rule = ruled(table_.encode, c))) break;
            run = text.size() - rest.size();
        }
        lost += encodeRun(text.substr(0, run), out);
        text = rest;
        if (!rule) continue;
        if (*rule == 0) {
            lost += encodeOtherwise(c, out);
        } else {
            encoder_.finish(out);
            appendNumber(out, *rule);
        }
    }
    encoder_.finish(out);
    return lost;
}

size_t MultiByteCharset::encodeRun(std::string_view run, std::string& out) {
    size_t lost = 0;
    while (!encoder_.convert(out, run)) lost += encodeOtherwise(utf8::next(run), out);
    return lost;
}

size_t MultiByteCharset::encodeOtherwise(char32_t c, std::string& out) {
    if (table_.shape == Shape::EucKr && hangul::isSyllable(c)) {
        encoder_.finish(out);
        hangul::appendComposed(out, c);
        return 0;
    }
    const std::u32string parts = spelling(c);
    if (parts.empty()) {
        // Through iconv, because a stateful charset must first switch to where '?' is.
        std::string_view mark = "?";
        encoder_.convert(out, mark);
        return 1;
    }
    for (const char32_t part : parts) {
        const auto rule = ruled(table_.encode, part);
        std::string one;
        utf8::append(one, part);
        std::string_view rest = one;
        if (rule) {
            encoder_.finish(out);
            appendNumber(out, *rule);
        } else {
            encoder_.convert(out, rest);
        }
    }
    return 0;
}

bool MultiByteCharset::says(char32_t c) {
    if (const auto rule = ruled(table_.encode, c)) return *rule != 0;
    std::string one, out;
    utf8::append(one, c);
    return probe_.append(out, one);
}

}  // namespace netchat::net

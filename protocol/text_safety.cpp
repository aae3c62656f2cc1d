#include "protocol/text_safety.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "protocol/utf8.h"

namespace netchat {

namespace {

char32_t harmless(char32_t c, bool keepNewlines) {
    if (c == '\t') return ' ';
    if (c == '\n') return keepNewlines ? c : U' ';
    const bool shown = c != utf8::kInvalid && !utf8::isControl(c) && !utf8::isInvisible(c);
    return shown ? c : U'\uFFFD';
}

// UTF-16 in hexadecimal, as JSON spells what is not to be there as it is.
void appendEscaped(std::string& out, char32_t c) {
    const auto unit = [&out](uint32_t value) {
        std::array<char, 8> text{};
        std::snprintf(text.data(), text.size(), "\\u%04X", value & 0xFFFFU);
        out += text.data();
    };
    if (c < 0x10000) return unit(c);
    unit(0xD800 + ((c - 0x10000) >> 10));
    unit(0xDC00 + ((c - 0x10000) & 0x3FF));
}

}  // namespace

std::string neutralised(std::string_view text, bool keepNewlines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) utf8::append(out, harmless(utf8::next(text), keepNewlines));
    return out;
}

std::string escapedJson(std::string json) {
    // Nearly all of it is ASCII, and what is below 0x20 parts the tokens or is escaped already.
    const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x7F; };
    if (std::all_of(json.begin(), json.end(), plain)) return json;
    std::string out;
    out.reserve(json.size());
    std::string_view rest = json;
    while (!rest.empty()) {
        const char32_t c = utf8::next(rest);
        const bool raw = c >= 0x7F && (utf8::isControl(c) || utf8::isInvisible(c));
        if (c != utf8::kInvalid && raw) {
            appendEscaped(out, c);
        } else {
            utf8::append(out, c == utf8::kInvalid ? U'\uFFFD' : c);
        }
    }
    return out;
}

std::string forLog(std::string_view text, size_t codePointsMax) {
    std::string out;
    for (size_t n = 0; !text.empty(); ++n) {
        if (n == codePointsMax) return out + "…";
        utf8::append(out, harmless(utf8::next(text), false));
    }
    return out;
}

}  // namespace netchat

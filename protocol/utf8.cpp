#include "protocol/utf8.h"

#include <algorithm>
#include <iterator>

#include "protocol/word_ranges.h"

namespace netchat::utf8 {

namespace {

struct Lead {
    size_t length;      // of the whole sequence; 0: not a lead byte
    char32_t bits;      // of the lead byte
    char32_t smallest;  // a smaller code point in this many bytes is overlong
};

Lead leadOf(unsigned char byte) {
    if (byte < 0x80) return {1, byte, 0};
    if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1FU, 0x80};
    if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0FU, 0x800};
    if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07U, 0x10000};
    return {0, 0, 0};
}

}  // namespace

char32_t next(std::string_view& text) {
    const Lead lead = leadOf(static_cast<unsigned char>(text[0]));
    if (lead.length == 0 || text.size() < lead.length) {
        text.remove_prefix(1);
        return kInvalid;
    }
    char32_t c = lead.bits;
    for (size_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80) {
            text.remove_prefix(1);
            return kInvalid;
        }
        c = c << 6 | (byte & 0x3FU);
    }
    if (c < lead.smallest || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        text.remove_prefix(1);
        return kInvalid;
    }
    text.remove_prefix(lead.length);
    return c;
}

void append(std::string& out, char32_t c) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F));
        put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
    }
}

bool isValid(std::string_view text) {
    while (!text.empty()) {
        // Most text is ASCII: pass over it without decoding.
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            text.remove_prefix(1);
        } else if (next(text) == kInvalid) {
            return false;
        }
    }
    return true;
}

size_t length(std::string_view text) {
    size_t n = 0;
    for (; !text.empty(); ++n) next(text);
    return n;
}

std::string repaired(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const char32_t c = next(text);
        append(out, c == kInvalid ? U'\uFFFD' : c);
    }
    return out;
}

std::string_view prefix(std::string_view text, size_t bytesMax) {
    std::string_view rest = text;
    size_t end = 0;
    while (!rest.empty()) {
        if (next(rest) == kInvalid) break;
        const size_t here = text.size() - rest.size();
        if (here > bytesMax) break;
        end = here;
    }
    return text.substr(0, end);
}

bool isControl(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

bool isInvisible(char32_t c) {
    return c == 0xAD || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool isSpace(char32_t c) {
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool isPythonWord(char32_t c) {
    if (c < 0x80) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    }
    const auto* range =
        std::upper_bound(std::begin(kWordRanges), std::end(kWordRanges), c,
                         [](char32_t value, const CodePointRange& r) { return value < r.first; });
    return range != std::begin(kWordRanges) && c <= std::prev(range)->last;
}

}  // namespace netchat::utf8

#include "protocol/text_safety.h"

#include "protocol/utf8.h"

namespace netchat {

namespace {

char32_t harmless(char32_t c, bool keepNewlines) {
    if (c == '\t') return ' ';
    if (c == '\n') return keepNewlines ? c : U' ';
    const bool shown = c != utf8::kInvalid && !utf8::isControl(c) && !utf8::isInvisible(c);
    return shown ? c : U'\uFFFD';
}

}  // namespace

std::string neutralised(std::string_view text, bool keepNewlines) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) utf8::append(out, harmless(utf8::next(text), keepNewlines));
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

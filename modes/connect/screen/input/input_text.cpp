#include "modes/connect/screen/input/input_text.h"

#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

bool endsLine(char32_t c) {
    return c == '\r' || c == '\n' || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::string asInput(std::string_view any) {
    std::string out;
    out.reserve(any.size());
    while (!any.empty()) {
        const char32_t c = utf8::next(any);
        const bool half = c == '\r' && any.starts_with('\n');
        if (half) continue;
        if (endsLine(c))
            out += '\n';
        else if (c == utf8::kInvalid)
            utf8::append(out, U'\uFFFD');
        else if (c == '\t' || !utf8::isControl(c))
            utf8::append(out, c);
    }
    return out;
}

}  // namespace netchat::connect

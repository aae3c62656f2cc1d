#include "modes/connect/screen/input/text_motion.h"

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

// A cluster is what its base is: marks change nothing. As readline has it, "_" is in no word.
bool isPartOfWord(std::string_view cluster, WordOf what) {
    const char32_t base = utf8::next(cluster);
    if (what == WordOf::NoSpaces) return !utf8::isSpace(base);
    return base != '_' && utf8::isPythonWord(base);
}

}  // namespace

size_t boundaryFrom(std::string_view text, size_t offset) {
    // A newline ends a cluster, whatever is around it.
    size_t boundary = lineBegin(text, offset);
    while (boundary < offset) boundary = clusterAfter(text, boundary);
    return boundary;
}

size_t lineBegin(std::string_view text, size_t offset) {
    const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
}

size_t lineEnd(std::string_view text, size_t offset) {
    const size_t newline = text.find('\n', offset);
    return newline == std::string_view::npos ? text.size() : newline;
}

// Goes forward from the beginning, since each step back may cost as much as the text is long.
size_t wordBefore(std::string_view text, size_t offset, WordOf what) {
    size_t begin = 0;
    bool inside = false;
    for (size_t at = 0; at < offset; at = clusterAfter(text, at)) {
        const bool part = isPartOfWord(text.substr(at), what);
        if (part && !inside) begin = at;
        inside = part;
    }
    return begin;
}

size_t wordAfter(std::string_view text, size_t offset, WordOf what) {
    bool inside = false;
    size_t at = offset;
    for (; at < text.size(); at = clusterAfter(text, at)) {
        const bool part = isPartOfWord(text.substr(at), what);
        if (inside && !part) break;
        inside = part;
    }
    return at;
}

}  // namespace netchat::connect

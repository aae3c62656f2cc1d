#include "modes/connect/screen/text/links.h"

#include <algorithm>
#include <iterator>

#include "modes/connect/screen/text/ascii_lower.h"
#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kSchemes[] = {"https", "http", "ftp"};
constexpr std::string_view kSign = "://";
constexpr size_t kBeginBytesMax = 8;  // of both
// Of ASCII, these are in no address by themselves; those end a sentence more often than an address.
constexpr std::string_view kNotInAddress = "<>\"`{}|\\^";
constexpr std::string_view kNotAtItsEnd = ".,;:!?'*_~";

bool isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (asciiLower(c) >= 'a' && asciiLower(c) <= 'z');
}

bool equalsFolded(std::string_view text, std::string_view lowerCase) {
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(),
                      [](char c, char wanted) { return asciiLower(c) == wanted; });
}

// Where the scheme begins whose sign is here; here: it is none of ours.
size_t beginOfScheme(std::string_view text, size_t sign) {
    for (const std::string_view scheme : kSchemes) {
        if (sign < scheme.size()) continue;
        const size_t begin = sign - scheme.size();
        const bool isWhole = begin == 0 || !isAlphanumeric(text[begin - 1]);
        if (isWhole && equalsFolded(text.substr(begin, scheme.size()), scheme)) return begin;
    }
    return sign;
}

bool mayStand(char32_t c) {
    if (c < 0x80) {
        const char ascii = static_cast<char>(c);
        return ascii > ' ' && ascii < 0x7F && kNotInAddress.find(ascii) == std::string_view::npos;
    }
    return c != utf8::kInvalid && (utf8::isPythonWord(c) || roleOf(c) == Role::Mark);
}

// Where what began ends, the end of a sentence aside; it is not looked for further than needed.
size_t endOfAddress(std::string_view text, size_t begin, size_t at) {
    std::string_view rest = text.substr(at);
    size_t end = at;
    while (!rest.empty() && end - begin <= kAddressBytesMax) {
        if (!mayStand(utf8::next(rest))) break;
        end = text.size() - rest.size();
    }
    while (end > at) {
        const char last = text[end - 1];
        const std::string_view all = text.substr(begin, end - begin);
        const char opening = last == ')' ? '(' : last == ']' ? '[' : '\0';
        const bool unmatched = opening != '\0' && std::count(all.begin(), all.end(), opening) <
                                                      std::count(all.begin(), all.end(), last);
        if (!unmatched && kNotAtItsEnd.find(last) == std::string_view::npos) break;
        --end;
    }
    return end;
}

}  // namespace

std::vector<Link> linksAround(std::string_view text, size_t begin, size_t end) {
    std::vector<Link> links;
    end = std::min(end, text.size());
    // An address that reaches into these bytes began no further away than it may be long, and its
    // sign ends no further behind them than its scheme and itself are long.
    size_t at = begin - std::min(begin, kAddressBytesMax);
    const std::string_view searched = text.substr(0, std::min(text.size(), end + kBeginBytesMax));
    for (;;) {
        at = searched.find(kSign, at);
        if (at == std::string_view::npos) return links;
        const size_t host = at + kSign.size(), first = beginOfScheme(text, at);
        if (first == at) {
            at = host;
            continue;
        }
        if (first >= end) return links;
        const size_t last = endOfAddress(text, first, host);
        const bool named = last > host && (isAlphanumeric(text[host]) || text[host] == '[' ||
                                           static_cast<unsigned char>(text[host]) >= 0x80);
        at = std::max(last, host);
        if (named && last - first <= kAddressBytesMax && last > begin)
            links.push_back({first, last});
    }
}

std::string addressOf(std::string_view text, const Link& link) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string address;
    for (const char c : text.substr(link.begin, link.end - link.begin)) {
        if (c > ' ' && c < 0x7F && c != ';') {
            address += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            address.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
        }
    }
    return address.size() <= kAddressBytesMax ? address : std::string();
}

}  // namespace netchat::connect

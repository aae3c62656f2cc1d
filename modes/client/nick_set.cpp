#include "modes/client/nick_set.h"

#include <algorithm>

#include "modes/net/canonical.h"

namespace netchat::client {

namespace {

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool NickLess::operator()(std::string_view a, std::string_view b) const {
    // Most nicks need no tables.
    if (isAscii(a) && isAscii(b)) {
        return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                            [](char x, char y) { return lower(x) < lower(y); });
    }
    return net::caseFolded(a) < net::caseFolded(b);
}

}  // namespace netchat::client

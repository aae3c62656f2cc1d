#pragma once

// What charsets other than Unicode's have in common: a character that the charset lacks is spelled
// in another way that means the same (canonically equivalent), and is replaced by '?' only when
// there is none.

#include <string>
#include <string_view>

#include "modes/net/canonical.h"
#include "protocol/charset.h"

namespace netchat::net {

class RespellingCharset : public Charset {
  public:
    std::string_view fromUtf8(std::string_view text, std::string& buffer) final {
        buffer.clear();
        const size_t lost = encode(text, buffer);
        if (lost == 0) return buffer;
        // "e" and an accent may be one character that the charset has.
        const std::string other = composed(text);
        if (other == text) return buffer;
        std::string again;
        if (encode(other, again) < lost) buffer = std::move(again);
        return buffer;
    }

  protected:
    // Appends the whole text; returns how many characters were replaced.
    virtual size_t encode(std::string_view text, std::string& out) = 0;
    // Can this very character be said?
    virtual bool says(char32_t c) = 0;

    // The character as others that can be said; empty: there are none.
    std::u32string spelling(char32_t c) {
        std::u32string out;
        for (const char32_t part : spelledOut(c)) {
            if (says(part)) {
                out += part;
                continue;
            }
            const std::u32string finer = spelling(part);
            if (finer.empty()) return {};
            out += finer;
        }
        return out;
    }
};

}  // namespace netchat::net

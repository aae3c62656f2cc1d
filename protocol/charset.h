#pragma once

// The charset of classic names, texts and times (ENCODING). Inside netchat all text is UTF-8.
// Headers are always ASCII, whatever the charset.

#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/utf8.h"

namespace netchat {

// An object serves one thread. A view that it returns refers to its argument or to `buffer`.
class Charset {
  public:
    virtual ~Charset() = default;
    // BadText when the bytes are not valid in this charset.
    virtual Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) = 0;
    // What the charset cannot say becomes '?'.
    virtual std::string_view fromUtf8(std::string_view text, std::string& buffer) = 0;
};

class Utf8Charset : public Charset {
  public:
    Result<std::string_view> toUtf8(std::string_view bytes, std::string&) override {
        if (utf8::isValid(bytes)) return bytes;
        return Error{ErrorCode::BadText, "a text must be valid UTF-8"};
    }
    std::string_view fromUtf8(std::string_view text, std::string&) override { return text; }
};

}  // namespace netchat

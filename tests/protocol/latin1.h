#pragma once

// A charset other than UTF-8 that needs no library: what a conversion leaves out becomes visible.

#include "protocol/charset.h"

namespace netchat {

class Latin1 : public Charset {
  public:
    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override {
        buffer.clear();
        for (const char c : bytes) utf8::append(buffer, static_cast<unsigned char>(c));
        return std::string_view(buffer);
    }
    std::string_view fromUtf8(std::string_view text, std::string& buffer) override {
        buffer.clear();
        while (!text.empty()) {
            const char32_t c = utf8::next(text);
            buffer += c < 0x100 ? static_cast<char>(c) : '?';
        }
        return buffer;
    }
};

}  // namespace netchat

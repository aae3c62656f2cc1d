#pragma once

// A charset of one byte a character, by a table of what each byte means. Needs nothing of the
// machine.

#include <array>
#include <utility>
#include <vector>

#include "modes/net/respelling_charset.h"
#include "modes/net/single_byte_tables.h"

namespace netchat::net {

class SingleByteCharset : public RespellingCharset {
  public:
    explicit SingleByteCharset(const SingleByteTable& table);
    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override;

  private:
    size_t encode(std::string_view text, std::string& out) override;
    bool says(char32_t c) override { return byteOf(c) >= 0; }
    int byteOf(char32_t c) const;  // -1: there is none

    std::string_view name_;
    std::array<char16_t, 256> meanings_;
    std::vector<std::pair<char32_t, unsigned char>> bytes_;  // ascending
};

}  // namespace netchat::net

#pragma once

// A charset of several bytes a character: glibc's iconv, corrected where it differs from Python's
// codec of the same name (multi_byte_rules.h).

#include <cstdint>
#include <memory>

#include "modes/net/iconv_converter.h"
#include "modes/net/multi_byte_rules.h"
#include "modes/net/respelling_charset.h"

namespace netchat::net {

class MultiByteCharset : public RespellingCharset {
  public:
    explicit MultiByteCharset(const MultiByteTable& table);
    // False where this machine's iconv does not know the charset.
    bool works() const;
    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override;

  private:
    size_t encode(std::string_view text, std::string& out) override;
    bool says(char32_t c) override;
    size_t encodeRun(std::string_view run, std::string& out);
    // In another way, or as '?'; how many were replaced.
    size_t encodeOtherwise(char32_t c, std::string& out);
    bool decodeStateful(std::string_view bytes, std::string& out);
    // Takes one character off the front; false where it is not valid.
    bool decodeNext(std::string_view& bytes, std::string& out);

    const MultiByteTable& table_;
    IconvConverter decoder_, encoder_, probe_;
};

}  // namespace netchat::net

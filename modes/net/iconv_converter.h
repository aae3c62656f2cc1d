#pragma once

// One direction of one pair of charsets, through glibc's iconv.

#include <iconv.h>

#include <string>
#include <string_view>

namespace netchat::net {

// One thread.
class IconvConverter {
  public:
    IconvConverter(const std::string& to, const std::string& from);
    ~IconvConverter();
    IconvConverter(const IconvConverter&) = delete;
    IconvConverter& operator=(const IconvConverter&) = delete;

    // False where iconv does not know one of them.
    bool works() const;

    // Appends the whole of `bytes`, converted; false where they are not valid.
    bool append(std::string& out, std::string_view bytes);

    // The same in parts. All parts between reset() and finish() are one text; a charset may keep
    // the last character of a part until it has seen the next.
    void reset();
    // Takes what it can off the front of `text`; false at what it cannot convert.
    bool convert(std::string& out, std::string_view& text);
    void finish(std::string& out);

  private:
    int step(std::string& out, std::string_view& text, bool flush = false);

    iconv_t handle_;
};

}  // namespace netchat::net

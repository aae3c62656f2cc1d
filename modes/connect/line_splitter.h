#pragma once

// Cuts bytes, arriving in any pieces, into lines. It holds one incomplete line at most, and of a
// line that is too long nothing but the fact. Pure; one thread.

#include <string>
#include <string_view>

namespace netchat::connect {

class LineSplitter {
  public:
    enum class Got {
        Line,  // `line` was set; valid until the next call
        TooLong,
        NeedMore,
    };

    explicit LineSplitter(size_t lineBytesMax) : lineBytesMax_(lineBytesMax) {}

    // Takes bytes off the front of `input`, up to the end of the next line.
    Got next(std::string_view& input, std::string_view& line);
    // At the end of the input: a last line without a newline counts.
    Got finish(std::string_view& line);

  private:
    Got complete(std::string_view rest, std::string_view& line);

    size_t lineBytesMax_;
    std::string held_;      // the beginning of a line
    std::string line_;      // the one given out last, if it came in pieces
    bool tooLong_ = false;  // of the line under way
};

}  // namespace netchat::connect

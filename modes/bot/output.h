#pragma once

// A bot's two streams: data on stdout, a line at a time and flushed, and lines for people on
// stderr. Both may block, which holds up the loop: who reads slowly is served slowly, and the
// server keeps what is not read.

#include <cstdio>
#include <string_view>

namespace netchat::bot {

class Output {
  public:
    explicit Output(std::FILE* data = stdout, std::FILE* people = stderr)
        : data_(data), people_(people) {}

    // Text for a terminal must be neutralised by then. False once nobody reads any more.
    bool line(std::string_view text) { return write(data_, text); }
    void say(std::string_view text) { write(people_, text); }

  private:
    static bool write(std::FILE* stream, std::string_view text) {
        return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
               std::fputc('\n', stream) != EOF && std::fflush(stream) == 0;
    }

    std::FILE* data_;
    std::FILE* people_;
};

}  // namespace netchat::bot

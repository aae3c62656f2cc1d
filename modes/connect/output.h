#pragma once

// Lines to a descriptor: gathered for a turn of the loop, then written at once.

#include <string>
#include <string_view>

namespace netchat::connect {

// One thread. `fd` is borrowed.
class Output {
  public:
    explicit Output(int fd) : fd_(fd) {}

    void line(std::string_view text);
    // Without a newline.
    void text(std::string_view text);
    // False once nobody reads any more; then all that is written goes nowhere.
    bool flush();

  private:
    const int fd_;
    std::string pending_;
    bool broken_ = false;
};

}  // namespace netchat::connect

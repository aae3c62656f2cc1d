#pragma once

// Lines to a descriptor: gathered for a turn of the loop, then written at once.

#include <string>
#include <string_view>

#include "modes/client/line_output.h"
#include "modes/connect/view.h"

namespace netchat::connect {

// One thread. `fd` is borrowed; `wait` says how long writing may block, as of client::LineOutput.
class Output {
  public:
    explicit Output(int fd, client::WriteWait* wait = nullptr) : out_(fd, wait) {}

    void line(std::string_view text);
    // Without a newline.
    void text(std::string_view text);
    // Once it is not Open, all that is written goes nowhere.
    OutputState flush();

  private:
    client::LineOutput out_;
    std::string pending_;
};

}  // namespace netchat::connect

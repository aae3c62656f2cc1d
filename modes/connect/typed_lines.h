#pragma once

// The plain client's input: lines from a descriptor, be it a terminal, a pipe or a file.

#include <optional>

#include "modes/client/line_input.h"
#include "modes/connect/input.h"
#include "protocol/limits.h"

namespace netchat::connect {

// Loop thread only. `fd` is borrowed.
class TypedLines : public Input {
  public:
    TypedLines(net::EventLoop& loop, int fd) : loop_(loop), fd_(fd) {}

    void start(Reader& reader) override {
        lines_.emplace(loop_, fd_, limits::kTextBytesMax, reader);
        lines_->setPaused(paused_);
    }
    void setPaused(bool paused) override {
        paused_ = paused;
        if (lines_) lines_->setPaused(paused);
    }

  private:
    net::EventLoop& loop_;
    const int fd_;
    bool paused_ = false;
    std::optional<client::LineInput> lines_;
};

}  // namespace netchat::connect

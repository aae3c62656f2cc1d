#pragma once

// Whole lines to a descriptor that somebody reads: a pipe, a file, a terminal. What the kernel has
// taken is written; the rest of a line that it took in part is a torn line, which is never glued to
// the next one:
//
//     {"event":"message","ro|        the disk was full here, or the process was killed
//     {"event":"message","room":…    a later run that appends begins on a line of its own

#include <string>
#include <string_view>

#include "modes/client/write_wait.h"

namespace netchat::client {

// One thread. `fd` is borrowed. Writing may block, but no longer than `wait`, which must outlive
// this; without one, as long as the reader wants.
class LineOutput {
  public:
    enum class State {
        Open,    // all was written
        Closed,  // nobody reads any more
        Failed,  // it cannot be written: a full disk
        Stuck,   // its reader stands still, and was waited for long enough
    };

    explicit LineOutput(int fd, WriteWait* wait = nullptr) : fd_(fd), wait_(wait) {}

    // Once the state is not Open, nothing more is written.
    State write(std::string_view bytes);
    State state() const { return state_; }
    // Why it Failed, for a person.
    const std::string& reason() const { return reason_; }
    int fd() const { return fd_; }

  private:
    void put(std::string_view bytes);

    const int fd_;
    WriteWait* const wait_;
    State state_ = State::Open;
    std::string reason_;
    bool began_ = false;
};

}  // namespace netchat::client

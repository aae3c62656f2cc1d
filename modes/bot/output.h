#pragma once

// A bot's two streams: data on stdout, a line at a time, and lines for people on stderr. Both may
// block, which holds up the loop: who reads slowly is served slowly, and the server keeps what is
// not read. Only deadlines and signals do not wait for that.

#include <cstdio>
#include <string>
#include <string_view>

#include "modes/bot/outcome.h"
#include "modes/client/line_output.h"
#include "modes/client/write_wait.h"

namespace netchat::bot {

class Output {
  public:
    explicit Output(std::FILE* data = stdout, std::FILE* people = stderr)
        : data_(::fileno(data), &wait_), people_(::fileno(people), &wait_) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    // Text for a terminal must be neutralised by then. False: it was not written, and nothing will
    // be; lost() says why.
    bool line(std::string_view text) { return write(data_, text); }
    void say(std::string_view text) { write(people_, text); }

    // How a run ends that lost its stdout. That nobody reads any more is no failure, as with any
    // filter in a pipe.
    Outcome lost() const {
        using State = client::LineOutput::State;
        if (data_.state() == State::Stuck) return {kTimedOut, "stdout: " + data_.reason()};
        if (data_.state() != State::Failed) return {};
        return {kNotHeld, "stdout cannot be written: " + data_.reason()};
    }
    // How long writing may block.
    client::WriteWait& wait() { return wait_; }
    int dataFd() const { return data_.fd(); }

  private:
    static bool write(client::LineOutput& stream, std::string_view text) {
        return stream.write(std::string(text) + "\n") == client::LineOutput::State::Open;
    }

    client::WriteWait wait_;
    client::LineOutput data_;
    client::LineOutput people_;
};

}  // namespace netchat::bot

#pragma once

// What a subcommand prints for others to read, and what its exit code is where that fails: nobody
// may take half of it for all.

#include <string>
#include <string_view>

#include "cmd/exit_code.h"
#include "modes/client/line_output.h"

namespace netchat::cmd {

// Larger texts may come in pieces. One thread.
class StandardOutput {
  public:
    // `who`: what messages begin with, "netchat log".
    explicit StandardOutput(std::string who);

    // False: it was not written, and nothing will be.
    bool put(std::string_view text);
    // Writes what is left. `good` where all was written, or nobody reads any more, as with any
    // filter in a pipe; else kExitNotHeld, and a line on stderr says why.
    int finish(int good = kExitOk);

  private:
    bool flush();

    std::string who_;
    std::string waiting_;
    client::LineOutput out_;
};

// All of it at once.
int printOut(const std::string& who, std::string_view text, int good = kExitOk);

}  // namespace netchat::cmd

#pragma once

// A script, be it a file, a pipe or standard input: read as it comes, on the loop, so that a signal
// or a deadline waits for no writer.

#include <cstdint>
#include <optional>
#include <string>

#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::bot {

// Runs the loop until all of it is there. More than a script may have is cut behind that. `path`: a
// file, or "-" for standard input. NoSuchFile: it cannot be read; Timeout: not to its end within
// `withinMs`.
Result<std::string> readScript(net::EventLoop& loop, const std::string& path,
                               std::optional<int64_t> withinMs);

}  // namespace netchat::bot

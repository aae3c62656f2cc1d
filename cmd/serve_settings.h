#pragma once

// What netchat serve is told by its options: at the start, and again at each reload. Both throw
// UsageError.

#include "cmd/arguments.h"
#include "cmd/stderr_log.h"
#include "modes/serve/host/server.h"

namespace netchat::cmd {

StderrLog::Level readLevel(const Arguments& arguments);
serve::ServerOptions readServerOptions(const Arguments& arguments);

}  // namespace netchat::cmd

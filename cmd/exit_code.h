#pragma once

// How every subcommand ends: one table, stable, documented in cmd/MANUAL.md and by `--help`.

namespace netchat {

enum ExitCode : int {
    kExitOk = 0,
    kExitNotHeld = 1,       // an expectation or a property does not hold
    kExitInconclusive = 2,  // nothing was observed that could be judged
    kExitNoServer = 3,      // could not connect, was refused, or lost the server
    kExitTimedOut = 4,
    kExitFile = 5,       // a file failed its check, its quota or its path rule
    kExitThreshold = 6,  // a measured value passed its threshold
    kExitUsage = 64,
    kExitBadInput = 65,  // a script or configuration does not parse
    kExitOurFault = 70,
    kExitInterrupted = 130,  // SIGINT
    kExitTerminated = 143,   // SIGTERM
};

}  // namespace netchat

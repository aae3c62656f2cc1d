#pragma once

// How a run of a bot ends: a code of the table that every subcommand shares, and a line for people.
// Pure data.

#include <string>

namespace netchat::bot {

enum Code : int {
    kMet = 0,
    kNotHeld = 1,       // a `! expect`, a `compare`, or a step that was refused
    kInconclusive = 2,  // events were lost to a bound before they could be judged
    kNoServer = 3,
    kTimedOut = 4,
    kFile = 5,
    kBadScript = 65,
    kOurFault = 70,
};

struct Outcome {
    int code = kMet;
    std::string text;  // why, where it is no success
};

}  // namespace netchat::bot

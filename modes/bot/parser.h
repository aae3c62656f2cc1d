#pragma once

// The text of a script to a Script, or every reason why not. Pure. README.md of this folder is the
// language's reference.

#include <string>
#include <string_view>
#include <vector>

#include "modes/bot/script.h"
#include "protocol/limits.h"

namespace netchat::bot {

// A script longer than this was made by a program, which better writes JSON lines.
inline constexpr size_t kScriptBytesMax = limits::kMiB;
// Beyond this many errors the rest tell nothing new.
inline constexpr size_t kParseErrorsMax = 20;
inline constexpr size_t kBotsMax = 1'000;

// What the command line has settled before the script is read.
struct ParseOptions {
    std::string name = "script";  // of the file, for reports
    Variables variables;          // those that --var sets
    std::vector<std::string> rooms = {"lobby"};
    bool classic = false;  // every bot is
    int64_t timeoutMs = kTimeoutMs;
};

struct ParseError {
    Place place;
    std::string text;  // what was wrong and what would be right
};

struct Parsed {
    Script script;
    std::vector<ParseError> errors;  // in the order of the lines; empty: the script may run
};

Parsed parseScript(std::string_view text, const ParseOptions& options);

// "build.bot:7:12: …", neutralised.
std::string errorLine(std::string_view scriptName, const ParseError& error);

}  // namespace netchat::bot

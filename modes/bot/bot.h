#pragma once

// The bot as the command line starts it: each function runs one mode on a loop of its own, until
// it is done or a signal ends it, and returns the exit code. Messages go to stderr. Any thread;
// one at a time in a process, since signals are its.

#include <optional>
#include <string>
#include <vector>

#include "modes/bot/expand.h"
#include "modes/bot/listen_mode.h"
#include "modes/client/client.h"

namespace netchat::bot {

enum class Mode { Script, Lines, Jsonl, Listen };

struct BotOptions {
    Mode mode = Mode::Script;
    std::string script;      // a file, or "-" for standard input
    client::Options client;  // its downloads are used only where `downloads` is empty
    std::vector<std::string> rooms = {"lobby"};
    Variables variables;
    int64_t timeoutMs = 5'000;
    std::string downloads;  // empty: a private folder, removed at the end
    ListenSettings listen;
    bool verbose = false;
};

int runBot(const BotOptions& options);

}  // namespace netchat::bot

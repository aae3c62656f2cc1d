#pragma once

// The bot as the command line starts it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "modes/bot/expand.h"
#include "modes/bot/listen_mode.h"
#include "modes/client/client.h"
#include "modes/client/write_wait.h"

namespace netchat::bot {

enum class Mode { Script, Lines, Jsonl, Listen, Upload };

struct BotOptions {
    Mode mode = Mode::Script;
    std::string script;      // a file, or "-" for standard input
    client::Options client;  // its downloads are used only where `downloads` is empty
    std::vector<std::string> rooms = {"lobby"};
    Variables variables;
    int64_t timeoutMs = 5'000;
    std::string downloads;  // empty: a private folder, removed at the end
    client::Since since;
    std::filesystem::path stateFolder;  // who earlier runs were, and what they saw; empty: none
    std::optional<int64_t> deadlineMs;  // of the whole run
    std::optional<int64_t> begunMs;     // when that began (net::monotonicMs); none: with runBot()
    bool acks = false;                  // jsonl: what the program acknowledges is seen
    ListenSettings listen;
    std::vector<std::string> uploads;  // paths; "-" alone: standard input
    std::string uploadAs;  // what the only one is called where it arrives; empty: as here
    bool verbose = false;
};

// How a signal ends a run: runBot() puts in what is to be called on the loop's thread.
using Interrupt = std::function<void(int signal)>;

// Runs the loop until the mode is done or was interrupted, and returns the exit code. Data goes to
// stdout, messages to stderr. The calling thread becomes the loop's. `signals`: where they come
// from, so that they are taken also while a reader of these stands still.
int runBot(net::EventLoop& loop, const BotOptions& options, Interrupt& interrupt,
           client::WriteWait::Urgent signals = {});

}  // namespace netchat::bot

#pragma once

// What connect and bot do about a lost server, and about what was said since an earlier run.

#include <filesystem>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/client/client.h"
#include "modes/client/state_file.h"

namespace netchat::cmd {

inline constexpr OptionSpec kReconnectOption = {
    .name = "reconnect",
    .argument = "on|off|always",
    .fallback = "on",
    .help = "come back to a lost server; always: also where the first connection fails"};
inline constexpr OptionSpec kReconnectForOption = {
    .name = "reconnect-for",
    .argument = "DURATION",
    .fallback = "5m",
    .help = "how long to try that, from the loss on"};
inline constexpr OptionSpec kSinceOption = {
    .name = "since",
    .argument = "now|all|last|SEQ",
    .fallback = "now",
    .help =
        "hear all that is kept, what is after an entry, or what no earlier run with `last` has "
        "heard (in $XDG_STATE_HOME/netchat/clients)"};

// Of connect, whose screen goes on from its last run unless told otherwise.
inline constexpr OptionSpec kScreenSinceOption = {
    .name = "since",
    .argument = "now|all|last|SEQ",
    .fallback = "now",
    .help =
        "hear all that is kept, what is after an entry, or what no earlier run with `last` has "
        "heard (in $XDG_STATE_HOME/netchat/clients); on the screen it is last unless given here"};

inline constexpr OptionSpec kGuestOption = {
    .name = "guest",
    .help =
        "be a guest: afterwards the nick is free, and two guests at once are ci and ci-2; where no "
        "secret can be kept, everybody is a guest"};

inline constexpr OptionSpec kDeadAfterOption = {
    .name = "dead-after",
    .argument = "DURATION",
    .fallback = "25s",
    .help = "a server that gives no sign of life for so long is lost"};

// Of kDeadAfterOption: a part of the time to be quiet, and the rest to answer.
void readDeadAfter(const Arguments& arguments, client::Options& options);

// Never in the classic dialect: its server has no log to go on from.
client::ReconnectOptions readReconnect(const Arguments& arguments);

struct SinceWhen {
    client::Since since;
    std::filesystem::path stateFolder;  // empty: nothing is kept, or nobody says where
};
SinceWhen readSince(const Arguments& arguments);

}  // namespace netchat::cmd

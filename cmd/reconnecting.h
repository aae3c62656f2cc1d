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
    .help = "Reconnect when the server is lost. always: retry the first connection too."};
inline constexpr OptionSpec kReconnectForOption = {
    .name = "reconnect-for",
    .argument = "DURATION",
    .fallback = "5m",
    .help = "Give up when reconnecting has failed for this long."};
inline constexpr OptionSpec kSinceOption = {
    .name = "since",
    .argument = "now|all|last|SEQ",
    .fallback = "now",
    .help =
        "Where to start receiving. now: new messages only. all: everything the server keeps. "
        "SEQ: after the message of this number. last: after the last message that an earlier "
        "run with last received. That position is kept in $XDG_STATE_HOME/netchat/clients."};

// Of connect, whose screen goes on from its last run unless told otherwise.
inline constexpr OptionSpec kScreenSinceOption = {
    .name = "since",
    .argument = "now|all|last|SEQ",
    .fallback = "now",
    .help =
        "Where to start receiving. now: new messages only. all: everything the server keeps. "
        "SEQ: after the message of this number. last: after the last message that an earlier "
        "run with last received. That position is kept in $XDG_STATE_HOME/netchat/clients. On "
        "the full screen the default is last."};

inline constexpr OptionSpec kGuestOption = {
    .name = "guest",
    .help =
        "Use the nick for this run only and do not reserve it. If another guest has it, you "
        "get a number: ci-2. Without a folder for secrets you are always a guest."};

inline constexpr OptionSpec kDeadAfterOption = {
    .name = "dead-after",
    .argument = "DURATION",
    .fallback = "25s",
    .help = "Treat the server as lost when it does not answer for this long."};

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

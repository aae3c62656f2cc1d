#pragma once

// Passwords: from files that only their owner can read, or typed without being shown; never from
// the command line or the environment, which others can read.

#include <string>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/client/client.h"

namespace netchat::cmd {

inline constexpr OptionSpec kPasswordFileOption = {
    .name = "password-file",
    .argument = "FILE",
    .help =
        "Read the server's password from the first line of FILE, which only you may read. -: "
        "ask for it. It is sent over TLS only, or to this machine.",
    .secret = true};

// The first line. UsageError where it cannot be read, others can read it, or it is empty.
std::string readSecretFile(const std::string& option, const std::string& path);

// A line that is typed at the terminal, and seen there. UsageError where there is no terminal.
std::string askAtTerminal(const std::string& question);

// Of connect and bot: into options whose server and trust are set.
void readPassword(const Arguments& arguments, client::Options& options);

// Asks twice at a terminal, or takes a line of stdin, and writes what a server needs to know it by.
void makePasswordFile(const std::string& path);

}  // namespace netchat::cmd

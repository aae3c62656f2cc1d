#pragma once

// Which server connect and bot speak to, and how they know that it is the right one.

#include <memory>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/client/trust.h"
#include "modes/net/address.h"

namespace netchat::cmd {

inline constexpr OptionSpec kInsecureOption = {
    .name = "insecure",
    .help = "speak without TLS: everyone between here and the server can read and change all"};
inline constexpr OptionSpec kTlsCaOption = {
    .name = "tls-ca",
    .argument = "FILE",
    .help = "trust also servers whose certificates these authorities (PEM) vouch for"};

// Null with --insecure, and with --classic, whose protocol has no TLS. `link`: as the server was
// given.
std::shared_ptr<const client::Trust> readTrust(const Arguments& arguments,
                                               const net::ServerLink& link);

// HOST[:PORT] or a link; `portSaid` is whether it says the port itself.
Result<net::ServerLink> parseServer(std::string_view text, bool& portSaid);

}  // namespace netchat::cmd

#pragma once

// Which server connect and bot speak to, and how they know that it is the right one.

#include <filesystem>
#include <memory>

#include "cmd/arguments.h"
#include "cmd/command.h"
#include "modes/client/client.h"
#include "modes/client/trust.h"
#include "modes/net/address.h"

namespace netchat::cmd {

inline constexpr OptionSpec kInsecureOption = {
    .name = "insecure",
    .help = "Connect without TLS. Anyone on the way can read and change everything."};
inline constexpr OptionSpec kTlsCaOption = {
    .name = "tls-ca",
    .argument = "FILE",
    .help = "Also trust servers whose certificates are signed by these authorities (PEM)."};

// Null with --insecure, and with --classic, whose protocol has no TLS. `link`: as the server was
// given.
std::shared_ptr<const client::Trust> readTrust(const Arguments& arguments,
                                               const net::ServerLink& link);

// Fills in who the server is, as far as that is known before it is spoken to: by the link, by an
// earlier meeting, or, where files of earlier runs are to be found by it, by asking. At a terminal
// a person is asked before a server that nobody vouches for is told a password or the secret of an
// earlier run. `options` have server, nick and trust. UsageError, with kExitNoServer: it is not to
// be spoken to.
void meetServer(const Arguments& arguments, const std::filesystem::path& stateFolder,
                client::Options& options);

// Where this user's clients remember the servers that they have met; empty: nowhere.
std::string knownServersFile();

// HOST[:PORT] or a link; `portSaid` is whether it says the port itself.
Result<net::ServerLink> parseServer(std::string_view text, bool& portSaid);

}  // namespace netchat::cmd

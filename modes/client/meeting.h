#pragma once

// Who answers at an address, asked before anything is said there: a connection that ends with its
// handshake.

#include <cstdint>

#include "modes/net/address.h"
#include "modes/net/tls.h"
#include "protocol/result.h"

namespace netchat::client {

// Waits at most so long. The errors of connecting; NeedsTls: nobody there has spoken TLS.
Result<net::PeerIdentity> askIdentity(const net::HostPort& server, const net::TlsContext& tls,
                                      int64_t timeoutMs);

}  // namespace netchat::client

#pragma once

// HOST[:PORT] as people type it, and what it resolves to.

#include <Poco/Net/SocketAddress.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::net {

inline constexpr uint16_t kDefaultPort = 6121;  // the original's

struct HostPort {
    std::string host = "127.0.0.1";
    uint16_t port = kDefaultPort;
};

// "host", "host:1234", "1.2.3.4:1234", "::1", "[::1]:1234", ":1234".
Result<HostPort> parseHostPort(std::string_view text);

// Where a server is, as it says it itself to be pasted: netchat://HOST[:PORT][/ROOM][#sha256:…].
struct ServerLink {
    HostPort where;
    std::string room;         // empty: none is said
    std::string fingerprint;  // as it stands there, or empty
};
bool isServerLink(std::string_view text);
Result<ServerLink> parseServerLink(std::string_view text);

Result<uint16_t> parsePort(std::string_view text);
// Looks the name up, which may block. Any thread.
Result<Poco::Net::SocketAddress> resolve(const HostPort& where);
// "127.0.0.1:6121", "[::1]:6121".
std::string toText(const HostPort& where);
std::string toText(const Poco::Net::SocketAddress& address);

}  // namespace netchat::net

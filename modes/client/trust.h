#pragma once

// Which server a client trusts: the one whose fingerprint it was given; else one that an authority
// vouches for by name; else the one that it has met before, or meets for the first time. A server
// that shows another identity than it did is refused.
//
// What was met is kept as OpenSSH keeps it, a line for each, in a file of mode 0600:
//
//     192.168.1.7:6121 sha256:3f0a…       the certificate itself
//     chat.example.org:6121 by-name       any certificate that an authority vouches for

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "modes/net/address.h"
#include "modes/net/tls.h"
#include "protocol/result.h"

namespace netchat::client {

struct Trust {
    std::shared_ptr<const net::TlsContext> tls;  // a client's
    std::string fingerprint;                     // "sha256:…" that it must show, or empty
    std::filesystem::path knownServers;          // empty: nothing is remembered
    std::function<void(const std::string& notice)> tell = {};  // a line for a person
};

// "sha256:" and 64 hexadecimal digits, in lower case and without colons between them.
Result<std::string> parseFingerprint(std::string_view text);

// Looks at who answered, remembers whom it meets first. Untrusted: it must not be spoken to.
Status checkServer(const Trust& trust, const net::HostPort& server, const net::PeerIdentity& peer);

}  // namespace netchat::client

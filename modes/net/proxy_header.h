#pragma once

// The header by which a TCP balancer says for whom it has made a connection: version 2 of the PROXY
// protocol (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, section 2.2). It comes
// before everything else, TLS included. Pure.
//
//     0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A   signature
//     version and command   20: LOCAL, 21: PROXY
//     family and protocol   11: TCP over IPv4, 21: TCP over IPv6; others: the client is not known
//     length of the rest    16 bits, big endian, like all numbers
//     addresses and ports   source, destination; then the source's port, the destination's
//     TLVs                  type, length, value: skipped, but for the CRC32c of the header
//
// Version 1, a line of text, is refused.

#include <Poco/Net/SocketAddress.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "protocol/result.h"

namespace netchat::net {

struct ProxyHeader {
    // Usually it is shorter than a packet; a balancer that tells of certificates needs more.
    static constexpr size_t kBytesMax = 4096;

    enum class Command {
        Local,    // the balancer's own connection, such as a health check
        Forward,  // on behalf of a client
    };
    Command command = Command::Local;
    // None: the balancer does not know it, or it did not come by TCP.
    std::optional<Poco::Net::SocketAddress> client = {};

    // `begun`: all bytes that were read, from the first. How many more may be read without reading
    // beyond the header, at least; 0: it is whole. The errors' texts say what came instead.
    static Result<size_t> missing(std::string_view begun);
    // Of a header that is whole.
    static Result<ProxyHeader> parse(std::string_view whole);
};

}  // namespace netchat::net

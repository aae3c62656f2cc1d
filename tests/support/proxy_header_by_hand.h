#pragma once

// PROXY headers of version 2 as somebody writes them from the specification alone.

#include <arpa/inet.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace netchat::test {

inline std::string bigEndian(unsigned number) {
    return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

inline std::string proxyHeader(unsigned command, unsigned family, std::string_view rest) {
    const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);
    return signature + static_cast<char>(0x20 + command) + static_cast<char>(family) +
           bigEndian(static_cast<unsigned>(rest.size())) + std::string(rest);
}

// A balancer's own connection.
inline std::string localHeader() {
    return proxyHeader(0, 0, "");
}

// TCP from this IPv4 or IPv6 address.
inline std::string headerFor(const std::string& address, uint16_t port = 40112) {
    const bool six = address.find(':') != std::string::npos;
    std::string bytes(six ? 16 : 4, '\0');
    if (::inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) {
        throw std::runtime_error("bad address " + address);
    }
    return proxyHeader(1, six ? 0x21 : 0x11, bytes + bytes + bigEndian(port) + bigEndian(6121));
}

}  // namespace netchat::test

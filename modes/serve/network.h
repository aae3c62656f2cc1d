#pragma once

// A network of addresses, as people write it: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32. Pure.

#include <Poco/Net/IPAddress.h>

#include <optional>
#include <string>

namespace netchat::serve {

class Network {
  public:
    // None: it is no address; a nick, perhaps. An IPv4 address that is written as an IPv6 one is
    // the IPv4 address. Bits beyond the prefix do not count.
    static std::optional<Network> parse(const std::string& text);

    bool contains(const Poco::Net::IPAddress& address) const;
    // How many bits are given; 0: all addresses of the family.
    unsigned prefix() const { return prefix_; }
    // One text for one network.
    std::string text() const;

  private:
    Network(Poco::Net::IPAddress base, unsigned prefix) : base_(std::move(base)), prefix_(prefix) {}

    Poco::Net::IPAddress base_;
    unsigned prefix_;
};

// The address in "127.0.0.1:6121" or "[::1]:6121"; none where there is none.
std::optional<Poco::Net::IPAddress> hostOf(const std::string& peer);

}  // namespace netchat::serve

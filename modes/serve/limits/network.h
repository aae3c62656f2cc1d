#pragma once

// A network of addresses, as people write it: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32. Pure.

#include <Poco/Net/IPAddress.h>

#include <optional>
#include <string>
#include <string_view>

#include "modes/serve/limits/address_key.h"

namespace netchat::serve {

class Network {
  public:
    // None: it is no address; a nick, perhaps. An IPv4 address that is written as an IPv6 one is
    // the IPv4 address. Bits beyond the prefix do not count.
    static std::optional<Network> parse(const std::string& text);

    bool contains(const Poco::Net::IPAddress& address) const;
    // How many bits are given; 0: all addresses of the family.
    unsigned prefix() const { return prefix_; }
    // Whether somebody of this address, or of this IPv6 /64, may be in it.
    bool touches(AddressKey address) const;
    // One text for one network.
    std::string text() const;

    // An IPv4 address, or an IPv6 /64.
    static Network of(AddressKey address);

  private:
    Network(const Poco::Net::IPAddress& base, unsigned prefix) : base_(base), prefix_(prefix) {}

    Poco::Net::IPAddress base_;
    unsigned prefix_;
};

// Whether somebody meant an address or a network, and not a nick: 192.0.2, 192.0.2.0/33, ann/away.
bool isLikeANetwork(std::string_view text);

// The address in "127.0.0.1:6121" or "[::1]:6121"; none where there is none.
std::optional<Poco::Net::IPAddress> hostOf(const std::string& peer);
// The same as a key; kUncounted where there is none.
AddressKey hostKeyOf(const std::string& peer);

}  // namespace netchat::serve

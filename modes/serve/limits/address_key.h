#pragma once

// Who is counted together: one IPv4 address, or one IPv6 /64, which is one customer's. Pure.

#include <Poco/Net/IPAddress.h>

#include <cstdint>

namespace netchat::serve {

// An IPv4 address is its 32 bits, an IPv6 one the upper 64 of its bits, in the order in which they
// are written. The two never meet: networks of IPv6 that begin with 32 zeros count as one. Nobody
// has such an address but the machine itself. A balancer may still claim one.
using AddressKey = uint64_t;

// A client that is not counted.
inline constexpr AddressKey kUncounted = 0;
// All those for whom a full table has no place of their own.
inline constexpr AddressKey kEveryoneElse = ~AddressKey{0};

// Never kUncounted. An IPv4 address is the same written as an IPv6 one.
AddressKey addressKey(const Poco::Net::IPAddress& address);
// The network around it: an IPv4 /16, an IPv6 /48.
AddressKey widerKey(AddressKey key);
// Whether the address is of this machine.
bool isLocal(const Poco::Net::IPAddress& address);

}  // namespace netchat::serve

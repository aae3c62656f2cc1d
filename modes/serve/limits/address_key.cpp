#include "modes/serve/limits/address_key.h"

#include <algorithm>

namespace netchat::serve {

namespace {

constexpr AddressKey kIPv4Max = 0xFFFF'FFFF;

AddressKey numberOf(const uint8_t* bytes, size_t count) {
    AddressKey number = 0;
    for (size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
    return number;
}

}  // namespace

AddressKey addressKey(const Poco::Net::IPAddress& address) {
    const bool six = address.family() == Poco::Net::IPAddress::IPv6;
    const auto* const bytes = static_cast<const uint8_t*>(address.addr());
    const bool four = !six || address.isIPv4Mapped();
    const AddressKey key =
        four ? numberOf(bytes + (six ? 12 : 0), 4) : std::max(numberOf(bytes, 8), kIPv4Max + 1);
    return std::clamp<AddressKey>(key, 1, kEveryoneElse - 1);
}

AddressKey widerKey(AddressKey key) {
    return std::max<AddressKey>(key & ~AddressKey{0xFFFF}, 1);
}

bool isLocal(const Poco::Net::IPAddress& address) {
    if (address.isLoopback()) return true;
    constexpr AddressKey kLoopbackNet = 127;
    return addressKey(address) >> 24 == kLoopbackNet;
}

}  // namespace netchat::serve

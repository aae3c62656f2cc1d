#include "modes/serve/limits/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace netchat::serve {

namespace {

using Poco::Net::IPAddress;

constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96, below which IPv4 lies in IPv6

unsigned bitsOf(const IPAddress& address) {
    return address.length() * 8;
}

// POCO takes 10.1 for 10.0.0.1, and :: for nothing.
std::optional<IPAddress> addressOf(const std::string& text) {
    if (text.find('\0') != std::string::npos) return {};
    in_addr v4{};
    in6_addr v6{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return IPAddress(&v4, sizeof v4);
    if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) return IPAddress(&v6, sizeof v6);
    return {};
}

// POCO writes :: for ::ffbf.
std::string written(const IPAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(address.af(), address.addr(), text, sizeof text);
    return text;
}

IPAddress plain(const IPAddress& address) {
    const bool mapped =
        address.family() == Poco::Net::AddressFamily::IPv6 && address.isIPv4Mapped();
    if (!mapped) return address;
    return {static_cast<const char*>(address.addr()) + kMappedBits / 8, 4};
}

}  // namespace

std::optional<Network> Network::parse(const std::string& text) {
    const size_t slash = text.find('/');
    const auto given = addressOf(text.substr(0, slash));
    if (!given) return {};
    IPAddress address = *given;
    unsigned prefix = bitsOf(address);
    if (slash != std::string::npos) {
        const char* const end = text.data() + text.size();
        unsigned bits = 0;
        const auto [stop, failure] = std::from_chars(text.data() + slash + 1, end, bits);
        if (failure != std::errc{} || stop != end || bits > prefix) return {};
        prefix = bits;
    }
    if (const IPAddress inner = plain(address); inner.length() != address.length()) {
        // All of IPv6 and the like do not become a network of IPv4.
        if (prefix >= kMappedBits) {
            address = inner;
            prefix -= kMappedBits;
        }
    }
    const IPAddress mask(prefix, address.family());
    return Network(address & mask, prefix);
}

bool Network::contains(const IPAddress& address) const {
    const IPAddress other = plain(address);
    if (other.family() != base_.family()) return false;
    const IPAddress bare(other.addr(), other.length());
    return (bare & IPAddress(prefix_, base_.family())) == base_;
}

namespace {

bool isIPv4(AddressKey key) {
    return key <= 0xFFFF'FFFF;
}

// Of an IPv6 key the first address of its /64.
IPAddress addressOf(AddressKey key) {
    const bool four = isIPv4(key);
    unsigned char bytes[16] = {};
    const size_t size = four ? 4 : 8;
    for (size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<unsigned char>(key >> (8 * (size - 1 - i)));
    }
    return {bytes, four ? 4U : 16U};
}

constexpr unsigned kCountedBits = 64;  // of an IPv6 address

}  // namespace

bool Network::touches(AddressKey key) const {
    const IPAddress address = addressOf(key);
    if (isIPv4(key) || prefix_ <= kCountedBits) return contains(address);
    return base_.family() == address.family() &&
           (base_ & IPAddress(kCountedBits, base_.family())) == address;
}

Network Network::of(AddressKey key) {
    return {addressOf(key), isIPv4(key) ? 32 : kCountedBits};
}

bool isLikeANetwork(std::string_view text) {
    const std::string_view address = text.substr(0, text.find('%'));  // without its interface
    const auto isOf = [address](std::string_view characters) {
        return address.find_first_not_of(characters) == std::string_view::npos;
    };
    const auto count = [text](char c) { return std::count(text.begin(), text.end(), c); };
    if (count('/') > 0) return true;
    if (isOf("0123456789.") && count('.') > 0) return true;
    return isOf("0123456789abcdefABCDEF:.[]") && count(':') > 1;
}

std::string Network::text() const {
    const bool one = prefix_ == bitsOf(base_);
    return written(base_) + (one ? "" : "/" + std::to_string(prefix_));
}

std::optional<IPAddress> hostOf(const std::string& peer) {
    std::string host = peer.substr(0, peer.rfind(':'));
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return addressOf(host.substr(0, host.find('%')));
}

AddressKey hostKeyOf(const std::string& peer) {
    const auto host = hostOf(peer);
    return host ? addressKey(*host) : kUncounted;
}

}  // namespace netchat::serve

#include "modes/net/address.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/URI.h>
#include <arpa/inet.h>

#include <charconv>

#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::net {

namespace {

Error badAddress(std::string_view text) {
    return {ErrorCode::BadValue, "an address must look like HOST, HOST:PORT, or [::1]:PORT, not '" +
                                     forLog(text, 200) + "'"};
}

// No host has such a name, and none may begin another line of a file where hosts are kept.
bool isHost(std::string_view host) {
    return utf8::isValid(host) && neutralised(host) == host &&
           host.find(' ') == std::string_view::npos;
}

// The port behind the colon that `text` begins with; the default where there is no text.
Result<uint16_t> portAfter(std::string_view text) {
    if (text.empty()) return kDefaultPort;
    return parsePort(text.substr(1));
}

Result<HostPort> withPort(std::string_view host, std::string_view portText) {
    const auto port = portAfter(portText);
    if (!port) return port.error();
    if (!isHost(host)) return badAddress(host);
    HostPort where;
    if (!host.empty()) where.host = std::string(host);
    where.port = *port;
    return where;
}

// POCO writes :: for ::ffbf; but it knows the names of interfaces.
std::string hostText(const Poco::Net::IPAddress& host) {
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(host.af(), host.addr(), text, sizeof text);
    const std::string full = host.toString();
    const size_t scope = full.find('%');
    return text + (scope == std::string::npos ? "" : full.substr(scope));
}

}  // namespace

Result<uint16_t> parsePort(std::string_view text) {
    uint16_t port = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failure == std::errc{} && end == text.data() + text.size()) return port;
    return Error{ErrorCode::BadValue,
                 "a port must be a number from 0 to 65535, not '" + forLog(text, 40) + "'"};
}

Result<HostPort> parseHostPort(std::string_view text) {
    if (text.empty()) return badAddress(text);
    if (text.front() == '[') {
        const size_t close = text.find(']');
        if (close == std::string_view::npos || close == 1) return badAddress(text);
        const auto rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') return badAddress(text);
        return withPort(text.substr(1, close - 1), rest);
    }
    const size_t colon = text.find(':');
    // More than one colon without brackets: an IPv6 address without a port.
    if (colon != text.rfind(':')) return withPort(text, {});
    if (colon == std::string_view::npos) return withPort(text, {});
    return withPort(text.substr(0, colon), text.substr(colon));
}

Result<Poco::Net::SocketAddress> resolve(const HostPort& where) {
    try {
        return Poco::Net::SocketAddress(where.host, where.port);
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::Internal,
                     "could not find the host '" + forLog(where.host, 200) + "'"};
    }
}

std::string toText(const HostPort& where) {
    const bool v6 = where.host.find(':') != std::string::npos;
    return (v6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

std::string toText(const Poco::Net::SocketAddress& address) {
    auto host = address.host();
    // On a socket for both families an IPv4 peer appears as ::ffff:a.b.c.d.
    if (host.family() == Poco::Net::AddressFamily::IPv6 && host.isIPv4Mapped()) {
        const auto* bytes = static_cast<const char*>(host.addr());
        host = Poco::Net::IPAddress(bytes + 12, 4);
    }
    const std::string port = std::to_string(address.port());
    const bool v6 = host.family() == Poco::Net::AddressFamily::IPv6;
    return v6 ? '[' + hostText(host) + "]:" + port : hostText(host) + ':' + port;
}

bool isServerLink(std::string_view text) {
    return text.starts_with("netchat://");
}

Result<ServerLink> parseServerLink(std::string_view text) {
    try {
        const Poco::URI uri{std::string(text)};
        ServerLink link;
        if (uri.getHost().empty() || !isHost(uri.getHost())) throw Poco::SyntaxException("no host");
        link.where = {uri.getHost(), uri.getPort() ? uri.getPort() : kDefaultPort};
        link.room = uri.getPath().substr(uri.getPath().empty() ? 0 : 1);
        if (!link.room.empty() && !checkRoom(link.room)) throw Poco::SyntaxException("no room");
        link.fingerprint = uri.getFragment();
        return link;
    } catch (const Poco::Exception&) {
        return Error{ErrorCode::BadValue,
                     "a link must look like netchat://HOST[:PORT][/ROOM][#sha256:…], not '" +
                         forLog(text, 200) + "'"};
    }
}

}  // namespace netchat::net

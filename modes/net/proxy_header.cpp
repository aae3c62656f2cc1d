#include "modes/net/proxy_header.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <string>

namespace netchat::net {

namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::string_view kVersion1 = "PROXY";
constexpr size_t kVersionAt = 12, kFamilyAt = 13, kLengthAt = 14, kFixedBytes = 16;

constexpr uint8_t kVersion = 2;
enum Family : uint8_t { kUnspecified, kIPv4, kIPv6, kUnix, kFamilies };
enum Protocol : uint8_t { kUnknown, kStream, kDatagram, kProtocols };

constexpr size_t kTlvHeadBytes = 3, kCrcBytes = 4;
constexpr uint8_t kCrcType = 0x03;

uint8_t byteAt(std::string_view bytes, size_t at) {
    return static_cast<uint8_t>(bytes[at]);
}

size_t numberAt(std::string_view bytes, size_t at, size_t size) {
    size_t number = 0;
    for (size_t i = 0; i < size; ++i) number = number << 8 | byteAt(bytes, at + i);
    return number;
}

uint8_t commandOf(std::string_view header) {
    return byteAt(header, kVersionAt) & 0x0F;
}

Family familyOf(std::string_view header) {
    return static_cast<Family>(byteAt(header, kFamilyAt) >> 4);
}

Protocol protocolOf(std::string_view header) {
    return static_cast<Protocol>(byteAt(header, kFamilyAt) & 0x0F);
}

// Of both addresses and ports.
size_t addressBytes(Family family) {
    switch (family) {
        case kIPv4:
            return 12;
        case kIPv6:
            return 36;
        case kUnix:
            return 216;
        default:
            return 0;
    }
}

Error bad(std::string text) {
    return {ErrorCode::BadHead, std::move(text)};
}

// Of RFC 4960, appendix B, with the bytes from `zeroAt` taken for zeros.
uint32_t crc32c(std::string_view bytes, size_t zeroAt) {
    constexpr uint32_t kReversedPolynomial = 0x82F6'3B78;
    uint32_t crc = ~uint32_t{0};
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i < zeroAt || i >= zeroAt + kCrcBytes) crc ^= byteAt(bytes, i);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
        }
    }
    return ~crc;
}

Status checkSignature(std::string_view begun) {
    const std::string_view seen = begun.substr(0, kSignature.size());
    if (kSignature.starts_with(seen)) return Ok{};
    if (seen.starts_with(kVersion1)) {
        return bad("PROXY header of version 1; the balancer must send version 2 (send-proxy-v2)");
    }
    return bad("no PROXY header; the balancer must send one of version 2 (send-proxy-v2)");
}

Status checkFixed(std::string_view header) {
    const uint8_t version = byteAt(header, kVersionAt) >> 4;
    if (version != kVersion) {
        return bad("PROXY header of the unknown version " + std::to_string(version));
    }
    if (commandOf(header) > 1) {
        return bad("PROXY header with the unknown command " + std::to_string(commandOf(header)));
    }
    // What a LOCAL header says of families and addresses is ignored, as the specification wants.
    const bool forwards = commandOf(header) == 1;
    if (forwards && (familyOf(header) >= kFamilies || protocolOf(header) >= kProtocols)) {
        return bad("PROXY header with an unknown address family or protocol");
    }
    const size_t bytes = kFixedBytes + numberAt(header, kLengthAt, 2);
    if (bytes > ProxyHeader::kBytesMax) {
        return bad("PROXY header of " + std::to_string(bytes) + " bytes; it must have at most " +
                   std::to_string(ProxyHeader::kBytesMax));
    }
    if (forwards && bytes < kFixedBytes + addressBytes(familyOf(header))) {
        return bad("PROXY header that is too short for its addresses");
    }
    return Ok{};
}

// Of the TLVs that begin at `at` and must end with the header.
Status checkTlvs(std::string_view header, size_t at) {
    while (at < header.size()) {
        const size_t left = header.size() - at;
        const size_t size = left < kTlvHeadBytes ? 0 : numberAt(header, at + 1, 2);
        if (left < kTlvHeadBytes + size) return bad("PROXY header that ends within a TLV");
        const size_t value = at + kTlvHeadBytes;
        if (byteAt(header, at) == kCrcType &&
            (size != kCrcBytes || numberAt(header, value, size) != crc32c(header, value))) {
            return bad("PROXY header whose checksum does not match");
        }
        at = value + size;
    }
    return Ok{};
}

}  // namespace

Result<size_t> ProxyHeader::missing(std::string_view begun) {
    if (const Status good = checkSignature(begun); !good) return good.error();
    if (begun.size() < kFixedBytes) return kFixedBytes - begun.size();
    if (const Status good = checkFixed(begun); !good) return good.error();
    const size_t all = kFixedBytes + numberAt(begun, kLengthAt, 2);
    return all - std::min(all, begun.size());
}

Result<ProxyHeader> ProxyHeader::parse(std::string_view whole) {
    const auto more = missing(whole);
    if (!more) return more.error();
    assert(*more == 0);
    const std::string_view header = whole.substr(0, kFixedBytes + numberAt(whole, kLengthAt, 2));
    if (commandOf(header) == 0) return ProxyHeader{};
    ProxyHeader parsed{Command::Forward};
    const Family family = familyOf(header);
    // Of an unknown family it is not known where the addresses end and TLVs begin.
    if (family == kUnspecified) return parsed;
    const size_t tlvsAt = kFixedBytes + addressBytes(family);
    if (const Status good = checkTlvs(header, tlvsAt); !good) return good.error();
    if (family == kUnix || protocolOf(header) != kStream) return parsed;
    const unsigned size = family == kIPv4 ? 4 : 16;
    const Poco::Net::IPAddress host(header.data() + kFixedBytes, size);
    const auto port = static_cast<uint16_t>(numberAt(header, kFixedBytes + 2 * size, 2));
    parsed.client.emplace(host, port);
    return parsed;
}

}  // namespace netchat::net

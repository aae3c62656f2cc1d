// PROXY headers: what is said to be missing is never beyond the header, in pieces as at once, and
// what is accepted has been checked.

#include "modes/net/proxy_header.h"

#include <algorithm>

#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

constexpr size_t kFixedBytes = 16;

bool isGood(const Error* error) {
    if (!error) return true;
    HOLDS(!error->text.empty());
    isSafeToShow(error->text);
    return false;
}

// As a reader does it, which is never given more than it asks for. The header's size, or nothing.
size_t readInPieces(std::string_view bytes, size_t most) {
    size_t have = 0;
    for (;;) {
        const auto missing = net::ProxyHeader::missing(bytes.substr(0, have));
        if (!isGood(missing ? nullptr : &missing.error())) return 0;
        if (*missing == 0) return have;
        HOLDS(have + *missing <= net::ProxyHeader::kBytesMax);
        if (have == bytes.size()) return 0;
        have += std::min({*missing, most, bytes.size() - have});
    }
}

void holds(std::string_view bytes) {
    const size_t atOnce = readInPieces(bytes, bytes.size());
    for (const size_t most : {size_t{1}, size_t{7}}) {
        HOLDS(readInPieces(bytes, most) == atOnce);
    }
    if (atOnce == 0) return;
    HOLDS(atOnce >= kFixedBytes);
    const auto parsed = net::ProxyHeader::parse(bytes.substr(0, atOnce));
    if (!isGood(parsed ? nullptr : &parsed.error())) return;
    // What follows is not the header's.
    const auto again = net::ProxyHeader::parse(bytes);
    HOLDS(again && again->command == parsed->command && again->client == parsed->client);
    const bool local = parsed->command == net::ProxyHeader::Command::Local;
    HOLDS(!local || !parsed->client);
    HOLDS(local == ((bytes[12] & 0x0F) == 0));
    if (!parsed->client) return;
    const size_t size = parsed->client->host().length();
    HOLDS(atOnce >= kFixedBytes + 2 * size + 4);
    const std::string_view source = bytes.substr(kFixedBytes, size);
    SAME(source, std::string(static_cast<const char*>(parsed->client->host().addr()), size));
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto bytes = textOf(data, size);
    holds(bytes);
    // Few inputs would find the signature by themselves.
    holds(std::string("\r\n\r\n\0\r\nQUIT\n", 12) + std::string(bytes));
    return 0;
}

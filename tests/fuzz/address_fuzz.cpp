// Where a server is and who it is: addresses, links, networks, fingerprints, places in a log.

#include "modes/client/state_file.h"
#include "modes/client/trust.h"
#include "modes/net/address.h"
#include "modes/serve/limits/network.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

template <class T>
bool isGood(const Result<T>& result) {
    if (result) return true;
    HOLDS(!result.error().text.empty());
    isSafeToShow(result.error().text);
    return false;
}

void addressHolds(std::string_view text) {
    const auto where = net::parseHostPort(text);
    if (!isGood(where)) return;
    HOLDS(!where->host.empty());
    isSafeToShow(where->host);
    HOLDS(where->host.find(' ') == std::string::npos);
    const bool v6 = where->host.find(':') != std::string::npos;
    if (where->host.find(']') != std::string::npos) return;
    const std::string written =
        (v6 ? "[" + where->host + "]" : where->host) + ":" + std::to_string(where->port);
    if (!v6 && where->host.front() == '[') return;
    const auto again = net::parseHostPort(written);
    HOLDS(again && again->host == where->host && again->port == where->port);
}

void linkHolds(std::string_view text) {
    const auto link = net::parseServerLink(text);
    if (!isGood(link)) return;
    HOLDS(!link->where.host.empty());
    isSafeToShow(link->where.host);
    isSafeToShow(link->room);
}

void networkHolds(const std::string& text) {
    const auto network = serve::Network::parse(text);
    if (!network) return;
    const std::string written = network->text();
    isSafeToShow(written);
    const auto again = serve::Network::parse(written);
    HOLDS(again && again->prefix() == network->prefix());
    SAME(again->text(), written);
    // A network contains the address that it is written as.
    const auto host = serve::hostOf("[" + written.substr(0, written.find('/')) + "]:1");
    HOLDS(host && network->contains(*host));
}

void fingerprintHolds(std::string_view text) {
    const auto fingerprint = client::parseFingerprint(text);
    if (!isGood(fingerprint)) return;
    HOLDS(fingerprint->size() == 7 + 64);
    const auto again = client::parseFingerprint(*fingerprint);
    HOLDS(again && *again == *fingerprint);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    addressHolds(text);
    linkHolds(text);
    linkHolds("netchat://" + std::string(text));
    networkHolds(std::string(text));
    (void)serve::hostOf(std::string(text));
    fingerprintHolds(text);
    isGood(net::parsePort(text));
    isGood(client::parseSince(text));
    return 0;
}

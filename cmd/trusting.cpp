#include "cmd/trusting.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cmd/state_folder.h"

namespace netchat::cmd {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value ? value : "";
}

// "host:1", "[::1]:1"; not "host", "::1" or "[::1]".
bool saysPort(std::string_view text) {
    const size_t bracket = text.find(']');
    if (bracket != std::string_view::npos) return text.find(':', bracket) != std::string_view::npos;
    return std::count(text.begin(), text.end(), ':') == 1;
}

}  // namespace

Result<net::ServerLink> parseServer(std::string_view text, bool& portSaid) {
    portSaid = true;
    if (net::isServerLink(text)) return net::parseServerLink(text);
    portSaid = saysPort(text);
    auto where = net::parseHostPort(text);
    if (!where) return where.error();
    return net::ServerLink{*where, {}, {}};
}

std::shared_ptr<const client::Trust> readTrust(const Arguments& arguments,
                                               const net::ServerLink& link) {
    const bool insecure = arguments.flag("insecure");
    const bool classic = arguments.flag("classic");
    if ((insecure || classic) && !link.fingerprint.empty()) {
        throw UsageError(std::string("a link with a fingerprint is for TLS: leave out ") +
                         (insecure ? "--insecure" : "--classic"));
    }
    if (insecure || classic) return nullptr;
    auto trust = std::make_shared<client::Trust>();
    auto context = net::TlsContext::ofClient(
        arguments.has("tls-ca") ? arguments.text("tls-ca") : std::string());
    if (!context) throw UsageError("--tls-ca: " + context.error().text);
    trust->tls = std::move(*context);
    if (!link.fingerprint.empty()) {
        auto fingerprint = client::parseFingerprint(link.fingerprint);
        if (!fingerprint) throw UsageError(fingerprint.error().text);
        trust->fingerprint = std::move(*fingerprint);
    }
    const std::string folder = stateFolder(variable("XDG_STATE_HOME"), variable("HOME"));
    if (!folder.empty()) trust->knownServers = folder + "/known_servers";
    trust->tell = [](const std::string& notice) {
        std::fprintf(stderr, "netchat: %s\n", notice.c_str());
    };
    return trust;
}

}  // namespace netchat::cmd

#include "cmd/trusting.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cmd/secrets.h"
#include "cmd/state_folder.h"
#include "modes/client/known_servers.h"
#include "modes/client/meeting.h"
#include "modes/client/state_file.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

// Long enough for a handshake over half the world; whoever takes longer is asked nothing here.
constexpr int64_t kMeetingMs = 3'000;

// "host:1", "[::1]:1"; not "host", "::1" or "[::1]".
bool saysPort(std::string_view text) {
    const size_t bracket = text.find(']');
    if (bracket != std::string_view::npos) return text.find(':', bracket) != std::string_view::npos;
    return std::count(text.begin(), text.end(), ':') == 1;
}

using client::KnownServer;
using client::StateFile;

bool isFingerprint(const std::string& identity) {
    return identity != client::kKnownByName;
}

const KnownServer* knownAt(const std::vector<KnownServer>& known, const std::string& place) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const KnownServer& server) {
        return server.place == place;
    });
    return found == known.end() ? nullptr : &*found;
}

bool holdsStates(const std::filesystem::path& folder) {
    std::error_code ignored;
    return std::any_of(std::filesystem::directory_iterator(folder, ignored),
                       std::filesystem::directory_iterator(),
                       [](const auto& entry) { return entry.path().extension() == ".state"; });
}

// Asks at the terminal whether the server is the one that is meant.
bool agree(const std::string& place, const std::string& fingerprint, bool password) {
    const std::string question =
        "The server " + forLog(place, 200) + " is new to you. Its fingerprint is\n    " +
        fingerprint + "\nIf you go on, it receives your " +
        (password ? "password" : "secret of earlier runs") +
        ". Is this the fingerprint that `netchat serve` printed there? [y/N] ";
    const std::string answer = askAtTerminal(question);
    return answer == "y" || answer == "Y" || answer == "yes";
}

// The fingerprint of a server that was never met at this address; empty where an authority vouches
// for it, or where it is not there (yet).
std::string meetFirst(const Arguments& arguments, const std::filesystem::path& stateFolder,
                      const std::vector<KnownServer>& known, client::Options& options) {
    const std::string place = client::placeOf(options.server);
    const bool password = arguments.has("password-file");
    const bool secret =
        StateFile::exists(stateFolder, {options.server, {}, {options.server}}, options.nick);
    const bool typed = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
    auto trust = std::make_shared<client::Trust>(*options.trust);
    trust->asks = typed && (password || secret);
    options.trust = trust;
    if (!trust->asks && !holdsStates(stateFolder)) return {};
    int64_t patienceMs = kMeetingMs;
    if (arguments.has("deadline")) {
        patienceMs = std::min(patienceMs, arguments.durationMs("deadline"));
    }
    const auto peer = client::askIdentity(options.server, *trust->tls, patienceMs);
    if (!peer) return {};
    if (peer->trusted) {
        trust->met->put(place, {std::string(client::kKnownByName), false});
        return {};
    }
    const auto same = std::find_if(known.begin(), known.end(), [&](const KnownServer& server) {
        return server.identity == peer->fingerprint;
    });
    if (same != known.end()) {
        trust->tell("the server " + forLog(place, 200) + " is already known as " +
                    forLog(same->place, 200));
    } else if (trust->asks && !agree(place, peer->fingerprint, password)) {
        throw UsageError("not connected; nothing was sent to the server", kExitNoServer);
    }
    trust->met->put(place, {peer->fingerprint, false});
    return peer->fingerprint;
}

}  // namespace

std::string knownServersFile() {
    const std::string folder = stateFolder();
    return folder.empty() ? folder : folder + "/known_servers";
}

void meetServer(const Arguments& arguments, const std::filesystem::path& stateFolder,
                client::Options& options) {
    if (options.classic) return;
    const bool linked = options.trust && !options.trust->fingerprint.empty();
    auto known = client::KnownServers(knownServersFile()).all();
    if (!known && options.trust && !linked) throw UsageError(known.error().text, kExitNoServer);
    if (!known) known = std::vector<KnownServer>();
    const KnownServer* const here = knownAt(*known, client::placeOf(options.server));
    std::string& fingerprint = options.serverFingerprint;
    if (linked) {
        fingerprint = options.trust->fingerprint;
    } else if (here) {
        fingerprint = isFingerprint(here->identity) ? here->identity : std::string();
    } else if (options.trust) {
        fingerprint = meetFirst(arguments, stateFolder, *known, options);
    }
    if (!here || here->identity == fingerprint) options.formerAddresses.push_back(options.server);
    for (const KnownServer& server : *known) {
        const auto where = net::parseHostPort(server.place);
        if (where && server.identity == fingerprint) options.formerAddresses.push_back(*where);
    }
}

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
        throw UsageError(std::string("a link with a fingerprint requires TLS; leave out ") +
                         (insecure ? "--insecure" : "--classic"));
    }
    if (insecure || classic) return nullptr;
    auto trust = std::make_shared<client::Trust>();
    auto context = net::TlsContext::ofClient(arguments.has("tls-ca") ? arguments.text("tls-ca")
                                                                     : std::string());
    if (!context) throw UsageError("--tls-ca: " + context.error().text);
    trust->tls = std::move(*context);
    if (!link.fingerprint.empty()) {
        auto fingerprint = client::parseFingerprint(link.fingerprint);
        if (!fingerprint) throw UsageError(fingerprint.error().text);
        trust->fingerprint = std::move(*fingerprint);
    }
    trust->knownServers = knownServersFile();
    trust->tell = [](const std::string& notice) {
        std::fprintf(stderr, "netchat: %s\n", notice.c_str());
    };
    return trust;
}

}  // namespace netchat::cmd

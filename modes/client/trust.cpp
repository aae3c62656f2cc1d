#include "modes/client/trust.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>

#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByName = "by-name";
constexpr std::string_view kSha256 = "sha256:";
constexpr size_t kDigits = 64;

std::string keyOf(const net::HostPort& server) {
    const bool v6 = server.host.find(':') != std::string::npos;
    return (v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

struct Known {
    std::string identity;  // a fingerprint, or kByName
    size_t line;           // from 1
};

// The last line about this server counts.
std::optional<Known> findKnown(const fs::path& file, const std::string& key) {
    std::ifstream in(file);
    std::optional<Known> found;
    std::string line;
    for (size_t number = 1; std::getline(in, line); ++number) {
        const size_t space = line.find(' ');
        if (space == std::string::npos || line.compare(0, space, key) != 0) continue;
        const size_t end = std::min(line.find_first_of(" \r", space + 1), line.size());
        found = Known{line.substr(space + 1, end - space - 1), number};
    }
    return found;
}

// One line at the end, by one call: several clients may do so at once.
bool remember(const fs::path& file, const std::string& key, std::string_view identity) {
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    ::flock(fd, LOCK_EX);
    // What was edited by hand may end without a line's end.
    char last = '\n';
    const off_t size = ::lseek(fd, 0, SEEK_END);
    if (size > 0 && ::pread(fd, &last, 1, size - 1) != 1) last = '\n';
    std::string line = (last == '\n' ? "" : "\n") + key + " ";
    line.append(identity).append("\n");
    const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    ::close(fd);
    return written;
}

Error changed(const Trust& trust, const std::string& key, const Known& known,
              const net::PeerIdentity& peer) {
    const std::string was = known.identity == kByName
                                ? "a certificate that an authority vouches for"
                                : forLog(known.identity, 100);
    return {ErrorCode::Untrusted,
            "THE IDENTITY OF THE SERVER " + forLog(key, 200) + " HAS CHANGED: it shows " +
                peer.fingerprint + ", and was known by " + was +
                ". Somebody may be listening in between, or it was set up anew. Ask whoever runs "
                "it; then connect by the link that it prints, or remove line " +
                std::to_string(known.line) + " of " + forLog(trust.knownServers.native(), 300)};
}

}  // namespace

Result<std::string> parseFingerprint(std::string_view text) {
    std::string digits(text.substr(0, kSha256.size()) == kSha256 ? text.substr(kSha256.size())
                                                                 : text);
    std::erase(digits, ':');
    for (char& c : digits) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || digits.size() != kDigits) {
        return Error{ErrorCode::BadText,
                     "a server's fingerprint is sha256: and 64 hexadecimal digits, not '" +
                         forLog(text, 100) + "'"};
    }
    return std::string(kSha256) + digits;
}

Status checkServer(const Trust& trust, const net::HostPort& server, const net::PeerIdentity& peer) {
    const std::string key = keyOf(server);
    const auto tell = [&trust](const std::string& text) {
        if (trust.tell) trust.tell(text);
    };
    const auto keep = [&](std::string_view identity) {
        if (trust.knownServers.empty() || peer.temporary) return false;
        if (remember(trust.knownServers, key, identity)) return true;
        tell("cannot remember the server in " + forLog(trust.knownServers.native(), 300) + ": " +
             std::generic_category().message(errno));
        return false;
    };
    const auto known =
        trust.knownServers.empty() ? std::optional<Known>() : findKnown(trust.knownServers, key);
    if (!trust.fingerprint.empty()) {
        if (peer.fingerprint == trust.fingerprint) {
            // Whoever has the link knows better than what was met before.
            if (!known || known->identity != peer.fingerprint) (void)keep(peer.fingerprint);
            return Ok{};
        }
        return Error{ErrorCode::Untrusted,
                     "the server " + forLog(key, 200) + " is not the one of the link: it shows " +
                         peer.fingerprint + " instead of " + trust.fingerprint};
    }
    if (known &&
        (known->identity == peer.fingerprint || (known->identity == kByName && peer.trusted))) {
        return Ok{};
    }
    if (known) return changed(trust, key, *known, peer);
    if (peer.trusted) {
        (void)keep(kByName);
        return Ok{};
    }
    const bool kept = keep(peer.fingerprint);
    tell("met the server " + forLog(key, 200) + " for the first time: " + peer.fingerprint +
         (kept ? "; remembered" : "; not remembered"));
    return Ok{};
}

}  // namespace netchat::client

#pragma once

// Which server a client trusts: the one whose fingerprint it was given; else one that an authority
// vouches for by name; else the one that it has met before, or meets for the first time. A server
// that shows another identity than it did is refused: than in this run, whether it could be kept or
// not, and than in earlier ones (known_servers.h). What its certificate says of itself decides
// nothing.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "modes/mutex.h"
#include "modes/net/address.h"
#include "modes/net/tls.h"
#include "protocol/result.h"

namespace netchat::client {

// Whom each place has shown in this run: a fingerprint, or kKnownByName. Any thread.
class MetServers {
  public:
    struct Met {
        std::string identity;
        bool spokenTo;  // or only agreed to, before the first connection
    };
    std::optional<Met> find(const std::string& place) const;
    void put(const std::string& place, Met met);

  private:
    mutable Mutex mutex_;
    std::map<std::string, Met> met_ GUARDED_BY(mutex_);
};

struct Trust {
    std::shared_ptr<const net::TlsContext> tls;  // a client's
    std::string fingerprint;                     // "sha256:…" that it must show, or empty
    std::filesystem::path knownServers;          // empty: nothing is remembered beyond this run
    std::function<void(const std::string& notice)> tell = {};  // a line for a person
    // Somebody is to agree before a server that nobody vouches for is spoken to: it is in `met`
    // then.
    bool asks = false;
    std::shared_ptr<MetServers> met = std::make_shared<MetServers>();
};

// "sha256:" and 64 hexadecimal digits, in lower case and without colons between them.
Result<std::string> parseFingerprint(std::string_view text);

// Looks at who answered, remembers whom it meets first. Untrusted: it must not be spoken to. Any
// thread.
Status checkServer(const Trust& trust, const net::HostPort& server, const net::PeerIdentity& peer);

}  // namespace netchat::client

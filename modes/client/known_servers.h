#pragma once

// The servers that a user's clients have met, in a file of mode 0600, as OpenSSH keeps them: a line
// for each, of which the last about a place counts.
//
//     192.168.1.7:6121 sha256:3f0a…       the certificate itself
//     chat.example.org:6121 by-name       any certificate that an authority vouches for
//
// A place is a host, folded, and a port: "Chat.Example.org." is "chat.example.org".

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/net/address.h"
#include "protocol/result.h"

namespace netchat::client {

inline constexpr std::string_view kKnownByName = "by-name";

struct KnownServer {
    std::string place;     // "chat:6121", "[::1]:6121"
    std::string identity;  // a fingerprint, or kKnownByName
};

// As a place is written; two ways of writing one host give the same.
std::string placeOf(const net::HostPort& server);
net::HostPort folded(const net::HostPort& server);

// Stateless: each call opens the file, which other clients may change at any time.
class KnownServers {
  public:
    explicit KnownServers(std::filesystem::path file) : file_(std::move(file)) {}

    // What counts of each place, in the order of the file. Nothing where there is no file, or
    // where it lies in somebody else's folder. Untrusted: there is one that cannot be read: whoever
    // went on would take any server for a new one.
    Result<std::vector<KnownServer>> all() const;
    // Untrusted: as above.
    Result<std::optional<KnownServer>> find(const std::string& place) const;
    // One line at the end, by one call: several clients may do so at once. Internal: it cannot be
    // written.
    Status remember(const std::string& place, std::string_view identity) const;
    // Takes out every line about the host, or, with a port, about that place; how many places that
    // were. Untrusted, Internal: as above.
    Result<size_t> forget(const std::string& host, std::optional<uint16_t> port) const;

    const std::filesystem::path& file() const { return file_; }

  private:
    Result<std::string> read() const;
    Error failure(std::string_view what, int error) const;

    std::filesystem::path file_;
};

}  // namespace netchat::client

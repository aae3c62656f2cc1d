#include "modes/client/trust.h"

#include <cctype>
#include <utility>

#include "modes/client/known_servers.h"
#include "protocol/shell_word.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

constexpr std::string_view kSha256 = "sha256:";
constexpr size_t kDigits = 64;

bool fits(const std::string& identity, const net::PeerIdentity& peer) {
    return identity == peer.fingerprint || (identity == kKnownByName && peer.trusted);
}

Error changed(const std::string& place, const std::string& known, bool kept,
              const net::PeerIdentity& peer) {
    const std::string was =
        known == kKnownByName ? "a certificate that an authority has signed" : forLog(known, 100);
    const std::string shown = forLog(place, 200);
    std::string text =
        "THE IDENTITY OF THE SERVER " + shown +
        " HAS CHANGED: somebody may be intercepting the connection, or the server was set up anew";
    if (peer.temporary) text += " (it says that it could not store its key)";
    text += ". Ask the person who runs it. Then connect with the link that it prints, or ";
    if (kept) text += "netchat known forget " + shellOperand(place).value_or("HOST") + " and ";
    text +=
        "connect again. Its fingerprint is " + peer.fingerprint + ", but it was known by " + was;
    return {ErrorCode::Untrusted, text};
}

// One check of one server.
class Check {
  public:
    Check(const Trust& trust, const net::HostPort& server, const net::PeerIdentity& peer)
        : trust_(trust), peer_(peer), file_(trust.knownServers), place_(placeOf(server)) {}

    Status byLink() {
        if (peer_.fingerprint != trust_.fingerprint) {
            return Error{ErrorCode::Untrusted,
                         "the server " + forLog(place_, 200) +
                             " is not the one of the link: its fingerprint is " +
                             peer_.fingerprint + " instead of " + trust_.fingerprint};
        }
        // Whoever has the link knows better than what was met before.
        const auto known = file_.find(place_);
        if (known && (!*known || (*known)->identity != peer_.fingerprint)) {
            (void)keep(peer_.fingerprint);
        }
        return meet(peer_.fingerprint);
    }

    Status byAcquaintance() {
        const auto met = trust_.met->find(place_);
        if (met && met->spokenTo && fits(met->identity, peer_)) return Ok{};
        const auto known = file_.find(place_);
        if (!known) return known.error();
        if (met && !fits(met->identity, peer_)) {
            return changed(place_, met->identity, known->has_value(), peer_);
        }
        if (*known && !fits((*known)->identity, peer_)) {
            return changed(place_, (*known)->identity, true, peer_);
        }
        return *known ? meet((*known)->identity) : meetFirst(met.has_value());
    }

  private:
    Status meet(const std::string& identity) {
        trust_.met->put(place_, {identity, true});
        return Ok{};
    }
    Status meetFirst(bool agreed) {
        if (peer_.trusted) {
            (void)keep(kKnownByName);
            return meet(std::string(kKnownByName));
        }
        if (trust_.asks && !agreed) {
            return Error{ErrorCode::Untrusted, "the server " + forLog(place_, 200) +
                                                   " is not known yet; its fingerprint is " +
                                                   peer_.fingerprint +
                                                   "; connect again to confirm it"};
        }
        const bool kept = keep(peer_.fingerprint);
        tell("met the server " + forLog(place_, 200) + " for the first time: " + peer_.fingerprint +
             (kept ? "; remembered" : "; not remembered beyond this run"));
        return meet(peer_.fingerprint);
    }
    void tell(const std::string& text) const {
        if (trust_.tell) trust_.tell(text);
    }
    bool keep(std::string_view identity) {
        if (trust_.knownServers.empty()) return false;
        const Status kept = file_.remember(place_, identity);
        if (!kept) tell(kept.error().text);
        return static_cast<bool>(kept);
    }
    const Trust& trust_;
    const net::PeerIdentity& peer_;
    const KnownServers file_;
    const std::string place_;
};

}  // namespace

std::optional<MetServers::Met> MetServers::find(const std::string& place) const {
    const MutexLock lock(mutex_);
    const auto it = met_.find(place);
    return it == met_.end() ? std::nullopt : std::optional(it->second);
}

void MetServers::put(const std::string& place, Met met) {
    const MutexLock lock(mutex_);
    met_[place] = std::move(met);
}

Result<std::string> parseFingerprint(std::string_view text) {
    std::string digits(text.substr(0, kSha256.size()) == kSha256 ? text.substr(kSha256.size())
                                                                 : text);
    std::erase(digits, ':');
    for (char& c : digits) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || digits.size() != kDigits) {
        return Error{ErrorCode::BadValue,
                     "a fingerprint must be sha256: and 64 hexadecimal digits, not '" +
                         forLog(text, 100) + "'"};
    }
    return std::string(kSha256) + digits;
}

Status checkServer(const Trust& trust, const net::HostPort& server, const net::PeerIdentity& peer) {
    Check check(trust, server, peer);
    return trust.fingerprint.empty() ? check.byAcquaintance() : check.byLink();
}

}  // namespace netchat::client

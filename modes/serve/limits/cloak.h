#pragma once

// What operators in the chat see of an address: not the address, but the same ten characters for
// everybody who comes from it, an IPv4 address or an IPv6 /64. They are a keyed hash (HMAC-SHA256):
// who does not have the server's key cannot try all addresses. Pure but for keptCloakKey().

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/serve/limits/address_key.h"
#include "modes/store/sanction_store.h"

namespace netchat::serve {

// How a cloak is written where a nick or an address could stand: "cloak:k3j5x7w2qa".
inline constexpr std::string_view kCloakPrefix = "cloak:";

class Cloaks {
  public:
    explicit Cloaks(std::string key = {}) : key_(std::move(key)) {}
    // Empty for an address that is not known.
    std::string of(AddressKey address) const;

  private:
    std::string key_;
};

// Whether it begins with the prefix in any case, as somebody types it who means a cloak.
bool beginsLikeACloak(std::string_view text);
// Whether it is a cloak behind the prefix.
bool isCloakTarget(std::string_view text);

// The key, in hexadecimal digits: the one that was kept, or a `fresh` one that is from now on, so
// that cloaks stay the same over restarts.
Result<std::string> keptCloakKey(const std::vector<store::Sanction>& kept,
                                 store::SanctionStore& store,
                                 const std::function<std::string()>& fresh);

}  // namespace netchat::serve

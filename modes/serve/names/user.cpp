#include "modes/serve/names/user.h"

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/DigestEngine.h>

namespace netchat::serve {

std::string User::secret() const {
    if (dialect != Dialect::V2) return {};
    return std::to_string(number) + "-" + Poco::DigestEngine::digestToHex({key.begin(), key.end()});
}

std::string User::proof() const {
    if (dialect != Dialect::V2) return {};
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(secret());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace netchat::serve

#include "modes/store/secret_proof.h"

#include <Poco/Crypto/DigestEngine.h>

namespace netchat::store {

std::string proofOfSecret(const std::string& secret) {
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(secret);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace netchat::store

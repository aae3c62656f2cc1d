#pragma once

// The name under which a store keeps bytes.

#include <Poco/Crypto/DigestEngine.h>

#include <string>
#include <string_view>

namespace netchat::store {

inline std::string sha256Of(std::string_view bytes) {
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(bytes.data(), bytes.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace netchat::store

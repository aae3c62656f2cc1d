#pragma once

// The digest that names a kept file, as it is computed while the file's bytes pass.

#include <Poco/Crypto/DigestEngine.h>

#include <memory>

namespace netchat::store {

inline std::unique_ptr<Poco::Crypto::DigestEngine> newSha256() {
    return std::make_unique<Poco::Crypto::DigestEngine>("SHA256");
}

}  // namespace netchat::store

#pragma once

// SHA-256 of bytes as they pass. One thread at a time.

#include <Poco/Crypto/DigestEngine.h>
#include <Poco/Crypto/OpenSSLInitializer.h>

#include <string>
#include <string_view>

namespace netchat::client {

// POCO sets OpenSSL up for the first digest and takes it down after the last, without regard to
// other threads that do the same; as long as this lives there is neither a first nor a last.
inline const Poco::Crypto::OpenSSLInitializer keepsOpenSslUp;

class Sha256 {
  public:
    Sha256() : engine_("SHA256") {}
    void update(std::string_view bytes) { engine_.update(bytes.data(), bytes.size()); }
    // 64 lower-case digits of all bytes since the start or the last hex(); begins anew.
    std::string hex() { return Poco::DigestEngine::digestToHex(engine_.digest()); }

  private:
    Poco::Crypto::DigestEngine engine_;
};

}  // namespace netchat::client

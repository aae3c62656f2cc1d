#pragma once

// A certificate authority as small as tests need: it signs for a server's names.

#include <openssl/types.h>

#include <filesystem>
#include <string>

namespace netchat::test {

// One thread. What OpenSSL refuses is a std::runtime_error.
class Authority {
  public:
    Authority();
    ~Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    // What clients trust (PEM).
    void write(const std::filesystem::path& certificate) const;
    // A key and a certificate for names such as "DNS:localhost,IP:127.0.0.1" (PEM), good until so
    // many seconds from now.
    void issue(const std::string& names, const std::filesystem::path& certificate,
               const std::filesystem::path& key, long seconds = 3600) const;

  private:
    EVP_PKEY* key_;
    X509* certificate_;
};

}  // namespace netchat::test

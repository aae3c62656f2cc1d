// Whom clients know a server by: a certificate that it was given, or one of its own, which it keeps
// with its data; without data, by itself, so that clients know it again all the same.

#include <system_error>

#include "modes/serve/host/exclusive_ownership.h"
#include "modes/serve/host/server.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

namespace fs = std::filesystem;

Result<std::shared_ptr<const net::TlsContext>> Server::makeTls(fs::path certificate,
                                                               fs::path key) const {
    const bool own = certificate.empty();
    const fs::path folder = options_.data.empty() ? options_.identity : options_.data;
    if (own && !folder.empty()) {
        certificate = folder / "tls-cert.pem";
        key = folder / "tls-key.pem";
        auto made = keepIdentity(folder, certificate, key);
        if (!made) return made.error();
        if (!*made) certificate.clear();
    }
    if (own && folder.empty()) tellOfNoKey("there is no home folder");
    if (certificate.empty()) {
        auto context = net::TlsContext::ofTemporaryServer();
        if (!context) return context.error();
        return std::shared_ptr<const net::TlsContext>(std::move(*context));
    }
    if (auto good = checkNobodyElseWrites(key, "the key"); !good) return good.error();
    auto context = net::TlsContext::ofServer(certificate, key);
    if (!context) return context.error();
    return std::shared_ptr<const net::TlsContext>(std::move(*context));
}

// False: there is none, and none can be kept, which only a server without data may do without.
Result<bool> Server::keepIdentity(const fs::path& folder, const fs::path& certificate,
                                  const fs::path& key) const {
    const bool alone = options_.data.empty();
    std::error_code error;
    if (alone && fs::create_directories(folder, error)) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    if (auto good = checkNobodyElseWrites(folder, "the folder of the key"); !good) {
        return good.error();
    }
    const auto made = net::makeIdentity(certificate, key);
    if (made) return true;
    if (!alone) return made.error();
    tellOfNoKey(made.error().text);
    return false;
}

void Server::tellOfNoKey(const std::string& why) const {
    log_.notice(
        "cannot store the key of this server, so clients will not recognise it after a restart: " +
        why);
}

Status Server::openTls() {
    auto context = makeTls(options_.tlsCertificate, options_.tlsKey);
    if (!context) return context.error();
    tls_ = std::move(*context);
    return Ok{};
}

}  // namespace netchat::serve

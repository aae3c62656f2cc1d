// The server's settings, read again while it runs: all that could fail comes first, then every
// thread is handed what is new, and goes by it from its next turn on. Connections stay.

#include "modes/net/clock.h"
#include "modes/serve/host/server.h"

namespace netchat::serve {

Result<Server::Reread> Server::reload(const ServerOptions& wanted) {
    auto tls = tls_;
    const bool keepsTemporary =
        wanted.tlsCertificate.empty() && options_.tlsCertificate.empty() && options_.data.empty();
    if (!keepsTemporary) {
        auto context = makeTls(wanted.tlsCertificate, wanted.tlsKey);
        if (!context) return context.error();
        tls = std::move(*context);
    }
    std::unique_ptr<PasswordGate> gate;  // where there was none
    PasswordGate::SecretPtr secret;
    if (!wanted.password.empty()) {
        auto parsed = PasswordGate::parse(wanted.password);
        if (!parsed) return parsed.error();
        secret = std::move(*parsed);
    }
    const Reread reread{tls->fingerprint() != tls_->fingerprint(),
                        wanted.password != options_.password, tls_->fingerprint()};

    // From here on nothing fails.
    tls_ = std::move(tls);
    // A gate stays, though nobody is sent there any more: those who wait at it are answered.
    if (secret && password_) password_->use(std::move(secret));
    if (secret && !password_) password_ = std::make_unique<PasswordGate>(std::move(secret));
    options_.tlsCertificate = wanted.tlsCertificate;
    options_.tlsKey = wanted.tlsKey;
    options_.password = wanted.password;
    options_.limits = wanted.limits;
    options_.fileBytesMax = wanted.fileBytesMax;
    options_.retention = wanted.retention;
    options_.graceMs = wanted.graceMs;
    options_.proxyFrom = wanted.proxyFrom;
    hand();
    return reread;
}

// To every thread what it goes by.
void Server::hand() {
    acceptor_->giveUpWithin(options_.limits.deadAfterMs);
    admission_->limitBy(options_.limits, net::monotonicMs());
    useBalancers();
    if (password_) password_->limitBy(options_.limits.wrongPasswordsPerMinute);
    memory_->limitBy(options_.limits.memoryMax > 0 ? options_.limits.memoryMax
                                                   : defaultMemoryMax());
    PasswordGate* const gate = options_.password.empty() ? nullptr : password_.get();
    for (const auto& host : hosts_) {
        host->change({options_.limits, options_.fileBytesMax, gate, tls_});
    }
    CommandBatch batch;
    batch.commands.push_back(LimitsChanged{std::make_shared<const Limits>(options_.limits)});
    hubHost_->post(std::move(batch));
    lookAfterTheLog();
    if (control_) control_->makeSocketIfGone();
}

void Server::reloaded(const ReloadRequest& request, const Result<ReloadReport>& result) {
    CommandBatch batch;
    batch.commands.push_back(
        Reloaded{std::make_shared<const ReloadDone>(ReloadDone{request, reloadAnswer(result)})});
    hubHost_->post(std::move(batch));
}

}  // namespace netchat::serve

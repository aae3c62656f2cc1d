// The operators' way in: their rulings, the audit log, the socket that they give orders by.

#include <Poco/DigestEngine.h>

#include "modes/serve/host/random_key.h"
#include "modes/serve/host/server.h"
#include "modes/store/sanction_check.h"

namespace netchat::serve {

namespace fs = std::filesystem;

// Operators have a way in where there is a folder that shows who they are.
Result<OperatorPorts> Server::openControl() {
    OperatorPorts ports;
    if (options_.data.empty()) return ports;
    if (postgres_) {
        sanctions_ = postgres_;
    } else if (auto opened = openSanctions(); !opened) {
        return opened.error();
    }
    auto kept = sanctions_->all();
    if (!kept) return kept.error();
    auto audit = AuditLog::open(options_.data / "audit.log");
    if (!audit) return audit.error();
    audit_ = std::move(*audit);
    auto desk = ControlDesk::open(*loops_.front(), options_.data,
                                  {[this](CommandBatch batch) { hubHost_->post(std::move(batch)); },
                                   [this](int64_t forMs) { beginDrain(forMs); },
                                   [this](const std::string& text) { log_.notice(text); }});
    if (!desk) return desk.error();
    control_ = std::move(*desk);

    ports.kept.sanctions = std::move(*kept);
    ports.kept.store = sanctions_;
    const auto fresh = [] {
        const Key key = randomKey();
        return Poco::DigestEngine::digestToHex({key.begin(), key.end()});
    };
    auto cloakKey = keptCloakKey(ports.kept.sanctions, *sanctions_, fresh);
    if (!cloakKey) {
        log_.notice("the cloaks of addresses will change at the next start: " +
                    cloakKey.error().text);
    }
    ports.kept.cloakKey = cloakKey ? *cloakKey : fresh();
    ports.audit = [this](const AuditLine& line) {
        return reserve_->spend([&] { return audit_->add(line); });
    };
    ports.answer = [this](uint64_t ticket, Answer answer) {
        if (!postgres_) return control_->answer(ticket, std::move(answer));
        // What an operator is told is so survives.
        postgres_->whenRuled(
            [this, ticket, answer = std::move(answer)] { control_->answer(ticket, answer); });
    };
    if (options_.onReload) ports.reload = options_.onReload;
    ports.removeFile = [this](const std::string& sha256) { return files_->remove(sha256); };
    ports.logShrinks = [this](bool begins) -> Result<bool> {
        return indexer_ ? indexer_->logShrinks(begins) : true;
    };
    ports.wake = [this] { hubHost_->workSoon(); };
    ports.kept.publishBans = [this](auto bans) { gate_.set(std::move(bans)); };
    return ports;
}

Status Server::openSanctions() {
    const fs::path file = options_.data / "control.sqlite";
    bool hasHistory = false;
    roomLog_->eachRoom([&](std::string_view, const store::Range&) { hasHistory = true; });
    const auto presence = store::checkSanctionsPresence(file, hasHistory);
    if (!presence) return presence.error();
    if (!presence->empty()) log_.notice(*presence);
    auto store = store::openSanctions(file, reserve_.get(),
                                      [this](const std::string& text) { log_.notice(text); });
    if (!store) return store.error();
    ownSanctions_ = std::move(*store);
    sanctions_ = ownSanctions_.get();
    return Ok{};
}

}  // namespace netchat::serve

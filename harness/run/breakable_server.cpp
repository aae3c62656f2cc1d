#include "harness/run/breakable_server.h"

#include <utility>

namespace netchat::harness {

BreakableServer::BreakableServer(KillableServer& server, Recorder& recorder, TroubleHook onTrouble)
    : server_(server), recorder_(recorder), onTrouble_(std::move(onTrouble)) {
}

void BreakableServer::strike(const FaultStep&) {
    recorder_.add({.kind = Kind::ServerKilled});
    server_.killAndRestart([this](const std::string& trouble) { back(trouble); });
}

void BreakableServer::back(const std::string& trouble) {
    if (trouble.empty()) return recorder_.add({.kind = Kind::ServerBack});
    recorder_.add({.kind = Kind::ServerFailed}, trouble);
    if (!server_.up()) onTrouble_(trouble);
}

}  // namespace netchat::harness

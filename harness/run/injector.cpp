#include "harness/run/injector.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace netchat::harness {

namespace {

// A kill waits for bots that are still coming back from the last one, and for some no longer.
constexpr int64_t kPatienceMs = 3'000;
// Messages between the return of all and the next kill, so that some are under way.
constexpr uint64_t kFresh = 20;

}  // namespace

Injector::Injector(std::vector<FaultStep> orders, uint64_t messages, Parts parts)
    : orders_(std::move(orders)), messages_(messages), parts_(std::move(parts)) {
    parts_.proxy.onApplied([this](const FaultStep& order) { note(order); });
}

void Injector::advance(uint64_t said, bool allConnected, int64_t nowMs) {
    killable_ = mayKill(allConnected, nowMs);
    if (!killable_) backAt_ = said;
    while (next_ < orders_.size() && isDue(orders_[next_], said)) {
        const FaultStep& order = orders_[next_];
        if (isOfProcess(order.kind) && !killable_) return;
        ++next_;
        carryOut(order, nowMs);
        if (isOfProcess(order.kind)) return;
    }
}

bool Injector::isDue(const FaultStep& order, uint64_t said) const {
    return said >= (isOfProcess(order.kind) ? killAt(order) : order.afterSaid);
}

uint64_t Injector::killAt(const FaultStep& order) const {
    return std::min(messages_, std::max(order.afterSaid, backAt_ + kFresh));
}

uint64_t Injector::sayUntil() const {
    const auto kill =
        std::find_if(orders_.begin() + static_cast<std::ptrdiff_t>(next_), orders_.end(),
                     [](const FaultStep& order) { return isOfProcess(order.kind); });
    if (kill == orders_.end()) return messages_;
    return killable_ ? killAt(*kill) : kill->afterSaid;
}

bool Injector::mayKill(bool allConnected, int64_t nowMs) const {
    if (parts_.server != nullptr && !parts_.server->up()) return false;
    if (parts_.botsBack && !parts_.botsBack()) return false;
    return allConnected || nowMs - killedMs_ > kPatienceMs;
}

void Injector::carryOut(const FaultStep& order, int64_t nowMs) {
    if (!isOfProcess(order.kind)) return parts_.proxy.apply(order);
    killedMs_ = nowMs;
    note(order);
    order.kind == FaultKind::KillServer ? killServer() : parts_.killBots(order.bot);
}

void Injector::killServer() {
    parts_.recorder.add({.kind = Kind::ServerKilled});
    parts_.server->killAndRestart([this](const std::string& trouble) {
        if (trouble.empty()) return parts_.recorder.add({.kind = Kind::ServerBack});
        parts_.recorder.add({.kind = Kind::ServerFailed}, trouble);
        if (!parts_.server->up()) parts_.onTrouble(trouble);
    });
}

void Injector::note(const FaultStep& order) {
    const bool named = order.kind != FaultKind::KillServer;
    parts_.recorder.add({.bot = named ? order.bot : kUnknown, .kind = Kind::Fault},
                        faultText(order));
    if (parts_.verbose) std::fprintf(stderr, "fault: %s\n", orderText(order).c_str());
}

bool Injector::exhausted() const {
    return next_ == orders_.size() && (parts_.server == nullptr || parts_.server->up()) &&
           (!parts_.botsBack || parts_.botsBack());
}

void Injector::finish() {
    parts_.proxy.clear();
    parts_.recorder.add({.kind = Kind::FaultsOver});
}

}  // namespace netchat::harness

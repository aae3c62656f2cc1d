#include "harness/run/injector.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace netchat::harness {

namespace {

// A strike waits for bots that are still coming back from the last one, and for some no longer.
constexpr int64_t kPatienceMs = 3'000;
// Messages between the return of all and the next strike, so that some are under way.
constexpr uint64_t kFresh = 20;

bool isStrike(const FaultStep& step) {
    return step.type->target != FaultTarget::Connection;
}

}  // namespace

Injector::Injector(std::vector<FaultStep> steps, uint64_t messages, Parts parts)
    : steps_(std::move(steps)), messages_(messages), parts_(std::move(parts)) {
    parts_.proxy.onApplied([this](const FaultStep& step) { note(step); });
}

void Injector::advance(uint64_t said, bool allConnected, int64_t nowMs) {
    strikable_ = mayStrike(allConnected, nowMs);
    if (!strikable_) backAt_ = said;
    while (next_ < steps_.size() && isDue(steps_[next_], said)) {
        const FaultStep& step = steps_[next_];
        if (isStrike(step) && !strikable_) return;
        ++next_;
        carryOut(step, nowMs);
        if (isStrike(step)) return;
    }
}

bool Injector::isDue(const FaultStep& step, uint64_t said) const {
    return said >= (isStrike(step) ? strikeAt(step) : step.afterSaid);
}

uint64_t Injector::strikeAt(const FaultStep& step) const {
    return std::min(messages_, std::max(step.afterSaid, backAt_ + kFresh));
}

uint64_t Injector::sayUntil() const {
    const auto strike =
        std::find_if(steps_.begin() + static_cast<std::ptrdiff_t>(next_), steps_.end(), isStrike);
    if (strike == steps_.end()) return messages_;
    return strikable_ ? strikeAt(*strike) : strike->afterSaid;
}

bool Injector::allWhole() const {
    return std::all_of(parts_.breakables.begin(), parts_.breakables.end(),
                       [](const auto& one) { return one.second->isWhole(); });
}

bool Injector::mayStrike(bool allConnected, int64_t nowMs) const {
    return allWhole() && (allConnected || nowMs - struckMs_ > kPatienceMs);
}

void Injector::carryOut(const FaultStep& step, int64_t nowMs) {
    if (!isStrike(step)) return parts_.proxy.apply(step);
    struckMs_ = nowMs;
    note(step);
    parts_.breakables.at(step.type->target)->strike(step);
}

void Injector::note(const FaultStep& step) {
    parts_.recorder.add(
        {.bot = isOfBot(step.type->target) ? step.bot : kUnknown, .kind = Kind::Fault},
        faultText(step));
    if (parts_.verbose) std::fprintf(stderr, "fault: %s\n", stepText(step).c_str());
}

bool Injector::exhausted() const {
    return next_ == steps_.size() && allWhole();
}

void Injector::finish() {
    parts_.proxy.clear();
    parts_.recorder.add({.kind = Kind::FaultsOver});
}

}  // namespace netchat::harness

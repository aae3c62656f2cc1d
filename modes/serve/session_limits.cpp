// A session's part in the limits: what it says waits, what it asks for is refused, and what it
// begins and does not finish ends, each when there is too much of it.

#include "modes/serve/address_budget.h"
#include "modes/serve/network.h"
#include "modes/serve/session.h"
#include "modes/serve/shard.h"

namespace netchat::serve {

namespace {

constexpr char kTooFast[] =
    "you are sending faster than this server takes from one user; it reads on more slowly, and "
    "loses nothing";

std::string secondsText(int64_t ms) {
    return std::to_string((ms + 999) / 1000) + " seconds";
}

}  // namespace

// ---- rates

bool Session::limited() {
    const RateLimit rule = shard_.options().limits.rateLimit;
    if (rule != RateLimit::Auto) return rule == RateLimit::On;
    if (local_ == Local::Unknown) {
        const auto host = hostOf(transport_.peer());
        local_ = !host || host->isLoopback() ? Local::Yes : Local::No;
    }
    return local_ == Local::No;
}

AddressKey Session::address() const {
    const AddressBudget* const own = budget();
    return own ? own->key() : kUncounted;
}

void Session::said(size_t bytes) {
    if (!limited()) return;
    Pace& pace = shard_.paceOf(id_);
    const int64_t waitMs = pace.said(bytes, shard_.nowMs());
    if (waitMs == 0 || paused_) return;
    paused_ = true;
    shard_.resumeIn(*this, waitMs);
    if (pace.tellNow(shard_.nowMs())) {
        shard_.log().notice(label() + ": too fast; read more slowly");
        dialogue().tooFast(kTooFast);
    }
}

Status Session::mayAsk(Pace::Act act) {
    return limited() ? shard_.paceOf(id_).ask(act, shard_.nowMs()) : Ok{};
}

Status Session::mayStore(uint64_t bytes) {
    return limited() ? shard_.paceOf(id_).store(bytes, shard_.wallMs()) : Ok{};
}

void Session::resume() {
    if (!std::exchange(paused_, false) || !listens() || lost_) return;
    if (dialogue_) dialogue_->receive({});
    rest();
    if (!paused_) answered();
}

// ---- patience

// The shard looks again in a while; one entry of its list for each session is enough.
void Session::watchWhatIsHalf() {
    if (!dialogue_ || watched_ || dialogue_->half() == Dialogue::Half::No) return;
    watched_ = true;
    shard_.watch(*this);
}

void Session::lookAtHalf() {
    watched_ = false;
    if (!takesInput() || !dialogue_) return;
    const Limits& limits = shard_.options().limits;
    // What it could not send because it was not read is not its fault.
    if (!reading_ || paused_) dialogue_->excuse(shard_.nowMs());
    const int64_t forMs = shard_.nowMs() - dialogue_->halfSinceMs();
    if (dialogue_->half() == Dialogue::Half::Frame && forMs >= limits.frameMs) {
        return fail({ErrorCode::Timeout,
                     "what was begun was not finished within " + secondsText(limits.frameMs)});
    }
    if (dialogue_->half() == Dialogue::Half::Upload && forMs >= limits.uploadMs) {
        dialogue_->endUploads(shard_.nowMs() - limits.uploadMs,
                              {ErrorCode::Timeout, "no bytes came for " +
                                                       secondsText(limits.uploadMs) +
                                                       "; what came is kept for a while"});
    }
    rest();
    watchWhatIsHalf();
}

}  // namespace netchat::serve

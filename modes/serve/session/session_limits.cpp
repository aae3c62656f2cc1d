// A session's part in the limits: what it says waits, what it asks for is refused, and what it
// begins and does not finish ends, each when there is too much of it.

#include <algorithm>

#include "modes/serve/host/shard.h"
#include "modes/serve/limits/address_budget.h"
#include "modes/serve/session/session.h"

namespace netchat::serve {

namespace {

constexpr char kTooFast[] =
    "you are sending too fast; the server reads your messages more slowly, and loses none";
constexpr char kHoldsTooMuch[] =
    "too much data waits for your address: read the replies to your requests, complete your "
    "messages, and connect again";
// Less is not worth counting.
constexpr size_t kLightBytes = 4 * limits::kKiB;

std::string secondsText(int64_t ms) {
    return std::to_string((ms + 999) / 1000) + " seconds";
}

}  // namespace

// ---- rates

bool Session::limited() {
    const RateLimit rule = shard_.options().limits.rateLimit;
    return rule == RateLimit::On || (rule == RateLimit::Auto && budget());
}

AddressKey Session::address() const {
    const AddressBudget* const own = budget();
    return own ? own->key() : kUncounted;
}

void Session::said(size_t bytes) {
    if (!limited()) return;
    RateLimiter& rateLimiter = shard_.rateLimiterOf(id_);
    int64_t waitMs = rateLimiter.said(bytes, shard_.nowMs());
    if (AddressBudget* const own = budget()) {
        waitMs = std::max(waitMs, own->said(bytes, shard_.nowMs()));
    }
    pauseFor(waitMs);
}

void Session::looksUp(size_t entries) {
    AddressBudget* const own = budget();
    if (own && limited()) pauseFor(own->looksUp(entries, shard_.nowMs()));
}

void Session::pauseFor(int64_t waitMs) {
    if (waitMs == 0 || paused_) return;
    paused_ = true;
    shard_.resumeIn(*this, waitMs);
    if (shard_.rateLimiterOf(id_).tellNow(shard_.nowMs())) {
        shard_.log().notice(label() + ": sends too fast; slowed down");
        dialogue().tooFast(kTooFast);
    }
}

Status Session::mayAsk(RateLimiter::AdminAction act) {
    return limited() ? shard_.rateLimiterOf(id_).ask(act, shard_.nowMs()) : Ok{};
}

Status Session::mayStore(uint64_t bytes) {
    if (!limited()) return Ok{};
    auto status = shard_.rateLimiterOf(id_).store(bytes, shard_.wallMs());
    AddressBudget* const own = budget();
    return status && own ? own->mayStore(bytes, shard_.nowMs()) : status;
}

void Session::stored(size_t bytes) {
    AddressBudget* const own = budget();
    if (own && limited()) own->stored(bytes, shard_.nowMs());
}

void Session::resume() {
    const bool wasPaused = paused_;
    paused_ = false;
    if (!wasPaused || !listens() || lost_) return;
    if (dialogue_) dialogue_->receive({});
    release();
    if (!paused_) answered();
}

// ---- memory

size_t Session::unreadBytes() const {
    return outgoing_.heldBytes() + (dialogue_ ? dialogue_->heldBytes() : 0);
}

void Session::weigh() {
    Shard::Weight weight{unreadBytes(), uploadsIfAny() ? uploadsIfAny()->heldBytes() : 0};
    if (weight.all() < kLightBytes) weight = {};
    if (!weighs_ && weight.all() == 0) return;
    weighs_ = weight.all() > 0;
    shard_.weighed(*this, weight);
}

// What has begun is sent to its end; then follows why it is the last. A classic client cannot be
// told between two fields of a message, nor whoever is leaving anyway.
void Session::refuseToHold() {
    if (dialect() == Dialect::Classic || !takesInput()) {
        shard_.log().notice(label() + ": disconnected, because it uses too much memory");
        kill();
        outgoing_.dropOutbox();
        outgoing_.endPiece();
        dialogue_.reset();
    } else {
        outgoing_.dropUnbegunAnswers();
        fail({ErrorCode::TooMany, kHoldsTooMuch});
        dialogue_.reset();
    }
    weigh();
}

// ---- patience

// The shard looks again in a while; one entry of its list for each session is enough.
void Session::watchPartialInput() {
    if (!dialogue_ || watched_ || dialogue_->partialInput() == Dialogue::PartialInput::No) return;
    watched_ = true;
    shard_.watch(*this);
}

void Session::checkInputTimeout() {
    watched_ = false;
    if (!takesInput() || !dialogue_) return;
    const Limits& limits = shard_.options().limits;
    // What it could not send because it was not read is not its fault.
    if (!reading_ || paused_) dialogue_->excuse(shard_.nowMs());
    const int64_t forMs = shard_.nowMs() - dialogue_->partialSinceMs();
    if (dialogue_->partialInput() == Dialogue::PartialInput::Frame && forMs >= limits.frameMs) {
        return fail({ErrorCode::Timeout, "a message or command was not complete within " +
                                             secondsText(limits.frameMs)});
    }
    if (dialogue_->partialInput() == Dialogue::PartialInput::Upload && forMs >= limits.uploadMs) {
        dialogue_->endUploads(
            shard_.nowMs() - limits.uploadMs,
            {ErrorCode::Timeout, "no data arrived for " + secondsText(limits.uploadMs) +
                                     "; the part received so far is kept for a while"});
    }
    release();
    watchPartialInput();
}

}  // namespace netchat::serve

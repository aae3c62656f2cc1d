// A session's part in the limits: what it says waits, what it asks for is refused, and what it
// begins and does not finish ends, each when there is too much of it.

#include <algorithm>

#include "modes/serve/limits/address_budget.h"
#include "modes/serve/session/session.h"
#include "modes/serve/session/session_context.h"
#include "modes/serve/session/session_host.h"

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

bool Session::limited() const {
    const RateLimit rule = host_.options().limits.rateLimit;
    return rule == RateLimit::On || (rule == RateLimit::Auto && budget());
}

AddressKey Session::address() const {
    const AddressBudget* const own = budget();
    return own ? own->key() : kUncounted;
}

void Session::said(size_t bytes) {
    if (!limited()) return;
    RateLimiter& rateLimiter = host_.rateLimiterOf(id_);
    int64_t waitMs = rateLimiter.said(bytes, host_.nowMs());
    if (AddressBudget* const own = budget()) {
        waitMs = std::max(waitMs, own->said(bytes, host_.nowMs()));
    }
    pauseFor(waitMs);
}

void Session::looksUp(size_t entries) {
    AddressBudget* const own = budget();
    if (own && limited()) pauseFor(own->looksUp(entries, host_.nowMs()));
}

void Session::pauseFor(int64_t waitMs) {
    if (waitMs == 0 || paused_) return;
    paused_ = true;
    host_.resumeIn(*this, waitMs);
    if (host_.rateLimiterOf(id_).tellNow(host_.nowMs())) {
        host_.log().notice(label() + ": sends too fast; slowed down");
        dialogue().tooFast(kTooFast);
    }
}

Status Session::mayAsk(RateLimiter::Action act) {
    return limited() ? host_.rateLimiterOf(id_).ask(act, host_.nowMs()) : Ok{};
}

Status Session::mayStore(uint64_t bytes) {
    if (!limited()) return Ok{};
    auto status = host_.rateLimiterOf(id_).store(bytes, host_.wallMs());
    AddressBudget* const own = budget();
    return status && own ? own->mayStore(bytes, host_.nowMs()) : status;
}

void Session::stored(size_t bytes) {
    AddressBudget* const own = budget();
    if (own && limited()) own->stored(bytes, host_.nowMs());
}

void Session::resume() {
    if (!paused_) return;
    paused_ = false;
    readOn();
}

void Session::on(const Hold& e) {
    held_ = e.on;
    if (held_) return updateReading();
    readOn();
}

// What has come already is taken first.
void Session::readOn() {
    if (paused() || !listens() || lost_) return;
    if (bound_) spoken().receive({});
    release();
    if (!paused()) answered();
}

// ---- memory

size_t Session::unreadBytes() const {
    return outgoing_.heldBytes() + (bound_ ? spoken().heldBytes() : 0);
}

void Session::weigh() {
    SessionHost::Weight weight{unreadBytes(), uploadsIfAny() ? uploadsIfAny()->heldBytes() : 0};
    if (weight.all() < kLightBytes) weight = {};
    if (!weighs_ && weight.all() == 0) return;
    weighs_ = weight.all() > 0;
    host_.weighed(*this, weight);
}

// What has begun is sent to its end; then follows why it is the last. A classic client cannot be
// told between two fields of a message, nor whoever is leaving anyway.
void Session::refuseToHold() {
    if (dialect() == Dialect::Classic || !takesInput()) {
        host_.log().notice(label() + ": disconnected, because it uses too much memory");
        kill();
        outgoing_.dropOutbox();
        outgoing_.endPiece();
        bound_.reset();
    } else {
        outgoing_.dropUnbegunAnswers();
        fail({ErrorCode::TooMany, kHoldsTooMuch});
        bound_.reset();
    }
    weigh();
}

// ---- patience

// The host looks again in a while; one entry of its list for each session is enough.
void Session::watchPartialInput() {
    if (!bound_ || watched_ || spoken().partialInput() == Dialogue::PartialInput::No) return;
    watched_ = true;
    host_.watch(*this);
}

void Session::checkInputTimeout() {
    watched_ = false;
    if (!takesInput() || !bound_) return;
    const Limits& limits = host_.options().limits;
    // What it could not send because it was not read is not its fault.
    if (!reading_ || paused()) spoken().excuse(host_.nowMs());
    const int64_t forMs = host_.nowMs() - spoken().partialSinceMs();
    if (spoken().partialInput() == Dialogue::PartialInput::Frame && forMs >= limits.frameMs) {
        return fail({ErrorCode::Timeout, "a message or command was not complete within " +
                                             secondsText(limits.frameMs)});
    }
    if (spoken().partialInput() == Dialogue::PartialInput::Upload && forMs >= limits.uploadMs) {
        spoken().endUploads(
            host_.nowMs() - limits.uploadMs,
            {ErrorCode::Timeout, "no data arrived for " + secondsText(limits.uploadMs) +
                                     "; the part received so far is kept for a while"});
    }
    release();
    watchPartialInput();
}

}  // namespace netchat::serve

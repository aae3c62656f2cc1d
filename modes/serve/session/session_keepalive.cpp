// Whether a session's peer is still there. The kernel finds a machine that has gone: its probes run
// while nothing is on the way, and it gives up what nobody acknowledges. It cannot find a program
// that is frozen, or a peer behind a proxy that lives on: those are asked.
//
//     looks:    0 ......... kAskAt ............... kDeadAt
//               heard last  a ping (v2 only)       gone, if it has ever answered one
//
// A look counts only while all that was sent is acknowledged, so that whoever reads slowly is not
// taken for dead. A peer that never answers, such as a person with nc, is asked once and left to
// the kernel's probes.

#include <utility>

#include "modes/serve/host/shard.h"
#include "modes/serve/session/session.h"
#include "protocol/duration.h"

namespace netchat::serve {

namespace {

constexpr unsigned kAskAt = 3, kDeadAt = 7;
static_assert(kDeadAt < Shard::kLooksPerLife);

}  // namespace

bool Session::checkLife() {
    const int64_t deadAfterMs = shard_.options().limits.deadAfterMs;
    if (life_.sent != 0 && transport_.delivered(deadAfterMs)) life_.sent = 0;
    const bool heard = life_.heard != 0;
    life_.heard = 0;
    if (state_ != State::Talking || dialect_ != Dialect::V2 || user_ == 0) return life_.sent != 0;
    // What it says while it is not read cannot be heard.
    if (heard || !reading_) life_.silent = 0;
    const bool counts = life_.sent == 0 && !blocked_ && life_.silent < kDeadAt;
    if (!heard && reading_ && counts) {
        ++life_.silent;
        if (life_.silent == kAskAt) {
            dialogue().askForLife();
            rest();
        } else if (life_.silent == kDeadAt && life_.answers != 0) {
            fail({ErrorCode::Timeout,
                  "no sign of life for " + durationText(deadAfterMs) + ", not even when asked"});
        }
    }
    return life_.sent != 0 || life_.silent < kDeadAt;
}

}  // namespace netchat::serve

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

#include "modes/serve/session/session.h"
#include "modes/serve/session/session_host.h"
#include "protocol/duration.h"

namespace netchat::serve {

namespace {

constexpr unsigned kAskAt = 3, kDeadAt = 7;
static_assert(kDeadAt < SessionHost::kChecksPerLife);

}  // namespace

bool Session::checkKeepalive() {
    const int64_t deadAfterMs = host_.options().limits.deadAfterMs;
    if (keepalive_.sent != 0 && transport_.delivered(deadAfterMs)) keepalive_.sent = 0;
    const bool heard = keepalive_.heard != 0;
    keepalive_.heard = 0;
    if (state_ != State::Talking || dialect() != Dialect::V2 || user_ == 0)
        return keepalive_.sent != 0;
    // What it says while it is not read cannot be heard.
    if (heard || !reading_) keepalive_.silent = 0;
    const bool counts = keepalive_.sent == 0 && !outgoing_.blocked() && keepalive_.silent < kDeadAt;
    if (!heard && reading_ && counts) {
        ++keepalive_.silent;
        if (keepalive_.silent == kAskAt) {
            dialogue().sendKeepalive();
            release();
        } else if (keepalive_.silent == kDeadAt && keepalive_.answers != 0) {
            fail({ErrorCode::Timeout,
                  "no reply for " + durationText(deadAfterMs) + ", not even to a ping"});
        }
    }
    return keepalive_.sent != 0 || keepalive_.silent < kDeadAt;
}

}  // namespace netchat::serve

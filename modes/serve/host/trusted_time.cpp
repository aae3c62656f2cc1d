#include "modes/serve/host/trusted_time.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace netchat::serve {

TrustedTime::TrustedTime(const Kept& kept, Moment now) {
    // A machine's clock that is behind has begun anew, after what is kept.
    const bool sameRun = now.machineMs >= kept.machineMs;
    const int64_t passed = sameRun ? now.machineMs - kept.machineMs : now.machineMs;
    aheadMs_ = kept.trustedMs + std::max<int64_t>(passed, 0) - now.machineMs;
    doubt_.fromMs = kept.doubtedFromMs;
    const int64_t byMs = now.wallMs - trusted(now);
    if (std::abs(byMs) <= kJumpMs) {
        (void)at(now);
    } else if (byMs > 0 && byMs <= kBelieveAfterMs && !doubts()) {
        aheadMs_ += byMs;  // to be wrong by so little does no more harm than to wait
    } else {
        doubt(now, byMs);
    }
}

void TrustedTime::doubt(Moment now, int64_t byMs) {
    if (doubt_.fromMs == 0) doubt_.fromMs = trusted(now);
    doubt_.byMs = byMs;
    doubt_.machineMs = now.machineMs;
    news_ = News{News::Kind::Jumped, byMs};
}

int64_t TrustedTime::at(Moment now) {
    const int64_t byMs = now.wallMs - trusted(now);
    if (std::abs(byMs) <= kJumpMs) {
        aheadMs_ += byMs;
        if (doubts()) news_ = News{News::Kind::Returned, 0};
        doubt_ = {};
    } else if (!doubts() || std::abs(byMs - doubt_.byMs) > kJumpMs) {
        doubt(now, byMs);
    } else if (now.machineMs - doubt_.machineMs >= kBelieveAfterMs) {
        news_ = News{News::Kind::Believed, byMs, doubt_.fromMs};
        aheadMs_ += byMs;
        doubt_ = {};
    }
    return trusted(now);
}

std::optional<TrustedTime::News> TrustedTime::takeNews() {
    return std::exchange(news_, {});
}

}  // namespace netchat::serve

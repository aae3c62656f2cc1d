#include "modes/serve/limits/admission.h"

#include <algorithm>
#include <string>
#include <utility>

namespace netchat::serve {

namespace {

// Descriptors for what is no connection: the log, files under way, those who are told why not.
constexpr uint64_t kDescriptorsKept = 256;
// Each may cost a TLS handshake; as many at once as a room full of people who come back.
constexpr double kToldPerSecond = 20, kToldAtOnce = 200;

size_t mostOf(const Limits& limits, uint64_t descriptors) {
    const uint64_t possible =
        descriptors > 2 * kDescriptorsKept ? descriptors - kDescriptorsKept : descriptors / 2;
    const auto most = static_cast<size_t>(std::max<uint64_t>(possible, 1));
    return limits.connectionsMax == 0 ? most : std::min(most, limits.connectionsMax);
}

}  // namespace

Admission::Admission(const Limits& limits, uint64_t descriptors)
    : descriptors_(descriptors),
      budgets_(limits),
      limits_(limits),
      connectionsMax_(mostOf(limits, descriptors)),
      told_(kToldPerSecond, kToldAtOnce, 0) {
}

void Admission::limitBy(const Limits& limits, int64_t nowMs) {
    const MutexLock lock(mutex_);
    limits_ = limits;
    connectionsMax_ = mostOf(limits, descriptors_);
    budgets_.limitBy(limits, nowMs);
}

bool Admission::counts(bool onThisMachine) const {
    return limits_.rateLimit == RateLimit::On ||
           (limits_.rateLimit == RateLimit::Auto && !onThisMachine);
}

bool Admission::expect(int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (expected_ >= kExpectedMax) {
        ++untold_.unexpected;
        return false;
    }
    if (live_ + expected_ >= connectionsMax_ && !told_.tryTake(1, nowMs)) {
        ++untold_.refused;
        return false;
    }
    ++expected_;
    return true;
}

void Admission::arrived() {
    const MutexLock lock(mutex_);
    --expected_;
}

Result<AddressBudget*> Admission::admit(const Poco::Net::IPAddress& address, bool onThisMachine,
                                        int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (live_ + expected_ >= connectionsMax_) {
        return Error{ErrorCode::TooMany, "this server accepts no more connections (" +
                                             std::to_string(live_ + expected_) +
                                             "); try again later"};
    }
    AddressBudget* counted = nullptr;
    if (counts(onThisMachine)) {
        auto entered = budgets_.enter(addressKey(address), nowMs);
        if (!entered) return entered;
        counted = *entered;
    }
    ++live_;
    return counted;
}

void Admission::left(AddressBudget* budget) {
    const MutexLock lock(mutex_);
    --live_;
    if (budget) budgets_.leave(*budget);
}

bool Admission::tell(int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (told_.tryTake(1, nowMs)) return true;
    ++untold_.refused;
    return false;
}

Admission::Untold Admission::takeUntold() {
    const MutexLock lock(mutex_);
    return std::exchange(untold_, {});
}

}  // namespace netchat::serve

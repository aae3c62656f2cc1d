#include "modes/serve/admission.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace netchat::serve {

namespace {

// Descriptors for what is no connection: the log, files under way, those who are told why not.
constexpr uint64_t kDescriptorsKept = 256;
// How many seconds of connecting may be saved up.
constexpr double kSavedSeconds = 10;
constexpr double kToldPerSecond = 8;  // each may cost a TLS handshake
constexpr int64_t kForgetEveryMs = 1000;

size_t mostOf(const Limits& limits, uint64_t descriptors) {
    const uint64_t possible =
        descriptors > 2 * kDescriptorsKept ? descriptors - kDescriptorsKept : descriptors / 2;
    const auto most = static_cast<size_t>(std::max<uint64_t>(possible, 1));
    return limits.connectionsMax == 0 ? most : std::min(most, limits.connectionsMax);
}

std::pair<bool, uint64_t> keyOf(const Poco::Net::IPAddress& address) {
    const bool six = address.family() == Poco::Net::IPAddress::IPv6;
    const auto* const bytes = static_cast<const uint8_t*>(address.addr());
    if (!six || address.isIPv4Mapped()) {
        uint32_t host = 0;
        std::memcpy(&host, bytes + (six ? 12 : 0), sizeof host);
        return {false, host};
    }
    uint64_t network = 0;
    std::memcpy(&network, bytes, sizeof network);
    return {true, network};
}

bool isLocal(const Poco::Net::IPAddress& address) {
    if (address.isLoopback()) return true;
    constexpr uint32_t kLoopbackNet = 127;
    const auto [six, host] = keyOf(address);
    return !six && ntohl(static_cast<uint32_t>(host)) >> 24 == kLoopbackNet;
}

}  // namespace

Admission::Admission(const Limits& limits, uint64_t descriptors)
    : limits_(limits),
      connectionsMax_(mostOf(limits, descriptors)),
      told_(kToldPerSecond, kToldPerSecond, 0) {
}

bool Admission::counts(const Poco::Net::IPAddress& address) const {
    return limits_.rateLimit == RateLimit::On ||
           (limits_.rateLimit == RateLimit::Auto && !isLocal(address));
}

Result<Admission::Address*> Admission::admit(const Poco::Net::IPAddress& address, int64_t nowMs) {
    const std::lock_guard lock(mutex_);
    if (live_ >= connectionsMax_) {
        return Error{ErrorCode::TooMany, "this server has as many connections as it takes (" +
                                             std::to_string(live_) + "); try again later"};
    }
    Address* counted = nullptr;
    if (counts(address)) {
        auto of = admitOf(address, nowMs);
        if (!of) return of;
        counted = *of;
    }
    ++live_;
    return counted;
}

Result<Admission::Address*> Admission::admitOf(const Poco::Net::IPAddress& address, int64_t nowMs) {
    forgetIdle(nowMs);
    const double perSecond = limits_.connectsPerSecond;
    const auto it =
        addresses_
            .try_emplace(keyOf(address),
                         Address{0, TokenBucket(perSecond, perSecond * kSavedSeconds, nowMs)})
            .first;
    Address& of = it->second;
    if (of.live >= limits_.connectionsPerAddressMax) {
        return Error{ErrorCode::TooMany, "there are " + std::to_string(of.live) +
                                             " connections from your address already; end one"};
    }
    if (!of.connects.tryTake(1, nowMs)) {
        return Error{ErrorCode::TooFast,
                     "too many connections from your address in a short time; wait a moment"};
    }
    ++of.live;
    return &of;
}

void Admission::left(Address* address) {
    const std::lock_guard lock(mutex_);
    --live_;
    if (address) --address->live;
}

// Those who are gone and may come as often as anybody.
void Admission::forgetIdle(int64_t nowMs) {
    if (nowMs - forgotMs_ < kForgetEveryMs) return;
    forgotMs_ = nowMs;
    for (auto it = addresses_.begin(); it != addresses_.end();) {
        Address& of = it->second;
        it = of.live == 0 && of.connects.isFull(nowMs) ? addresses_.erase(it) : std::next(it);
    }
}

std::optional<uint64_t> Admission::tell(int64_t nowMs) {
    const std::lock_guard lock(mutex_);
    if (told_.tryTake(1, nowMs)) return std::exchange(untold_, 0);
    ++untold_;
    return {};
}

}  // namespace netchat::serve

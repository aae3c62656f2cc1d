#include "modes/net/clock.h"

#include <chrono>

namespace netchat::net {

int64_t monotonicNs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

int64_t monotonicMs() {
    return monotonicNs() / 1'000'000;
}

int64_t wallMs() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace netchat::net

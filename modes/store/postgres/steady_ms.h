#pragma once

// The steady clock in milliseconds, for deadlines. Any thread.

#include <chrono>
#include <cstdint>

namespace netchat::store {

inline int64_t steadyMs() {
    using std::chrono::milliseconds;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now).count();
}

}  // namespace netchat::store

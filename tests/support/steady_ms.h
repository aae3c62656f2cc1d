#pragma once

// The clock that deadlines are counted by.

#include <chrono>
#include <cstdint>

namespace netchat::test {

inline int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace netchat::test

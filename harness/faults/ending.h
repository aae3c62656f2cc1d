#pragma once

// What cut, reset and half-open share: so many more bytes pass, or a while, and then it happens.

#include <algorithm>

#include "harness/faults/fault.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

// `bytes` pass before it. It waits for them no longer than `forMs`.
class Ending final : public Fault {
  public:
    Ending(const FaultStep& step, int64_t nowMs, After act)
        : act_(act), left_(step.bytes), latestMs_(nowMs + step.forMs) {}

    Passage rule(size_t waiting, int64_t nowMs) override {
        if (left_ == 0 || nowMs >= latestMs_) return {.act = act_};
        return {.pass = std::min<uint64_t>(waiting, left_), .againInMs = latestMs_ - nowMs};
    }
    void passed(size_t bytes) override { left_ -= std::min<uint64_t>(left_, bytes); }

  private:
    const After act_;
    uint64_t left_;
    const int64_t latestMs_;
};

// Small numbers as often as large ones: the ends of headers and the middles of files.
inline void drawEnding(FaultStep& step, Rng& rng) {
    constexpr uint64_t kBitsMax = 20;
    const uint64_t bits = 1 + rng.below(kBitsMax);
    step.bytes = 1 + rng.below(uint64_t{1} << bits);
}

inline std::string endingSizes(const FaultStep& step) {
    return " after " + std::to_string(step.bytes) + " bytes";
}

template <Fault::After act>
std::unique_ptr<Fault> beginEnding(const FaultStep& step, int64_t nowMs) {
    return std::make_unique<Ending>(step, nowMs, act);
}

}  // namespace netchat::harness

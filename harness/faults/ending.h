#pragma once

// What cut, reset and half-open share: so many more bytes pass, or a while, and then it happens.

#include <algorithm>

#include "harness/faults/fault.h"

namespace netchat::harness {

class Ending final : public Fault {
  public:
    Ending(const FaultStep& order, int64_t nowMs, After act)
        : act_(act), left_(order.bytes), latestMs_(nowMs + order.forMs) {}

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

}  // namespace netchat::harness

// A long way: every byte comes later, by the same time.

#include "harness/faults/late.h"

namespace netchat::harness {

namespace {

class Delay final : public Late {
  public:
    Delay(const FaultStep& order, int64_t nowMs) : Late(nowMs + order.forMs), ms_(order.amountMs) {}

  private:
    int64_t latenessMs() override { return ms_; }
    const int64_t ms_;
};

}  // namespace

std::unique_ptr<Fault> makeDelay(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Delay>(order, nowMs);
}

}  // namespace netchat::harness

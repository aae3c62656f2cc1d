// A busy way: every byte comes later, by changing times, and none overtakes another.

#include "harness/faults/late.h"
#include "harness/plan/rng.h"

namespace netchat::harness {

namespace {

class Jitter final : public Late {
  public:
    Jitter(const FaultStep& order, int64_t nowMs)
        : Late(nowMs + order.forMs), mostMs_(order.amountMs), chance_(order.seed) {}

  private:
    int64_t latenessMs() override {
        return static_cast<int64_t>(chance_.below(static_cast<uint64_t>(mostMs_) + 1));
    }
    const int64_t mostMs_;
    Rng chance_;
};

}  // namespace

std::unique_ptr<Fault> makeJitter(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Jitter>(order, nowMs);
}

}  // namespace netchat::harness

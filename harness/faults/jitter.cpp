// A busy way: every byte comes later, by changing times, and none overtakes another.

#include "harness/faults/catalogue.h"
#include "harness/faults/late.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

class Jitter final : public Late {
  public:
    Jitter(const FaultStep& step, int64_t nowMs)
        : Late(nowMs + step.forMs), mostMs_(step.amountMs), rng_(step.seed) {}

  private:
    int64_t latenessMs() override {
        return static_cast<int64_t>(rng_.below(static_cast<uint64_t>(mostMs_) + 1));
    }
    const int64_t mostMs_;
    Rng rng_;
};

}  // namespace

constinit const FaultType faults::kJitter = {
    .name = "jitter",
    .summary = "for a while, every byte arrives later by a changing time of up to 60 ms, in order",
    .usual = 5,
    .draw = [](FaultStep& step, Rng& rng) { step.amountMs = between(rng, 5, 60); },
    .sizes =
        [](const FaultStep& step) { return " by up to " + msText(step.amountMs) + howLong(step); },
    .begin = [](const FaultStep& step, int64_t nowMs) -> std::unique_ptr<Fault> {
        return std::make_unique<Jitter>(step, nowMs);
    },
};

}  // namespace netchat::harness

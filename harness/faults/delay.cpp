// A long way: every byte comes later, by the same time.

#include "harness/faults/catalogue.h"
#include "harness/faults/late.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

class Delay final : public Late {
  public:
    Delay(const FaultStep& step, int64_t nowMs) : Late(nowMs + step.forMs), ms_(step.amountMs) {}

  private:
    int64_t latenessMs() override { return ms_; }
    const int64_t ms_;
};

}  // namespace

constinit const FaultType faults::kDelay = {
    .name = "delay",
    .summary = "for a while, every byte arrives 20 to 200 ms later",
    .usual = 5,
    .draw = [](FaultStep& step, Rng& rng) { step.amountMs = between(rng, 20, 200); },
    .sizes = [](const FaultStep& step) { return " by " + msText(step.amountMs) + howLong(step); },
    .begin = [](const FaultStep& step, int64_t nowMs) -> std::unique_ptr<Fault> {
        return std::make_unique<Delay>(step, nowMs);
    },
};

}  // namespace netchat::harness

// A narrow way: so many bytes a second, in steps of kStepMs.

#include <algorithm>

#include "harness/faults/catalogue.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

constexpr int64_t kStepMs = 10;

class Throttle final : public Fault {
  public:
    Throttle(const FaultStep& step, int64_t nowMs)
        : perSecond_(step.bytes), startMs_(nowMs), endMs_(nowMs + step.forMs) {}

    Passage rule(size_t waiting, int64_t nowMs) override {
        if (nowMs >= endMs_) return {.pass = waiting, .act = After::Over};
        const uint64_t steps = static_cast<uint64_t>((nowMs - startMs_) / kStepMs);
        const uint64_t allowed = perSecond_ * steps * kStepMs / 1000;
        // What was not used is not saved up for longer than a step.
        used_ = std::max(used_, allowed - std::min(allowed, perSecond_ * kStepMs / 1000 + 1));
        const size_t pass = std::min<uint64_t>(waiting, allowed - std::min(allowed, used_));
        return {.pass = pass, .againInMs = std::min(kStepMs, endMs_ - nowMs)};
    }
    void passed(size_t bytes) override { used_ += bytes; }

  private:
    const uint64_t perSecond_;
    const int64_t startMs_, endMs_;
    uint64_t used_ = 0;
};

}  // namespace

constinit const FaultType faults::kThrottle = {
    .name = "throttle",
    .summary = "for a while, 2 to 200 kB pass per second",
    .usual = 5,
    .draw = [](FaultStep& step,
               Rng& rng) { step.bytes = static_cast<uint64_t>(between(rng, 2'000, 200'000)); },
    .sizes =
        [](const FaultStep& step) {
            return " to " + std::to_string(step.bytes) + " bytes a second" + howLong(step);
        },
    .begin = [](const FaultStep& step, int64_t nowMs) -> std::unique_ptr<Fault> {
        return std::make_unique<Throttle>(step, nowMs);
    },
};

}  // namespace netchat::harness

// A reader that stops for a while: what is for it fills the buffers, and then its sender waits.

#include "harness/faults/catalogue.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

class Stall final : public Fault {
  public:
    explicit Stall(int64_t endMs) : endMs_(endMs) {}

    Passage rule(size_t waiting, int64_t nowMs) override {
        if (nowMs >= endMs_) return {.pass = waiting, .act = After::Over};
        return {.againInMs = endMs_ - nowMs, .reading = false};
    }

  private:
    const int64_t endMs_;
};

}  // namespace

constinit const FaultType faults::kStall = {
    .name = "stall",
    .summary = "the bot stops reading for 0.3 to 1.5 s",
    .usual = 5,
    .draw =
        [](FaultStep& step, Rng& rng) {
            step.direction = Direction::Down;
            step.forMs = between(rng, 300, 1'500);
        },
    .sizes = howLong,
    .begin = [](const FaultStep& step, int64_t nowMs) -> std::unique_ptr<Fault> {
        return std::make_unique<Stall>(nowMs + step.forMs);
    },
};

}  // namespace netchat::harness

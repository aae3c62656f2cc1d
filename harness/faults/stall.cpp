// A reader that stops for a while: what is for it fills the buffers, and then its sender waits.

#include "harness/faults/fault.h"

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

std::unique_ptr<Fault> makeStall(const FaultStep& order, int64_t nowMs) {
    return std::make_unique<Stall>(nowMs + order.forMs);
}

}  // namespace netchat::harness

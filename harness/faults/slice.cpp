// One byte at a time, each in a segment of its own, for a while: every reader meets every possible
// beginning of what it reads.

#include <algorithm>

#include "harness/faults/catalogue.h"
#include "harness/faults/sizes.h"

namespace netchat::harness {

namespace {

class Slice final : public Fault {
  public:
    explicit Slice(const FaultStep& step) : left_(step.bytes) {}

    Passage rule(size_t waiting, int64_t nowMs) override {
        if (left_ == 0) return {.pass = waiting, .act = After::Over};
        if (waiting == 0) return {};
        if (nowMs <= lastMs_) return {.againInMs = 1};
        lastMs_ = nowMs;
        return {.pass = 1, .againInMs = 1};
    }
    void passed(size_t bytes) override { left_ -= std::min<uint64_t>(left_, bytes); }

  private:
    uint64_t left_;
    int64_t lastMs_ = 0;  // the reader gets a turn between two of them
};

}  // namespace

constinit const FaultType faults::kSlice = {
    .name = "slice",
    .summary = "50 to 400 bytes arrive one at a time",
    .usual = 5,
    .draw = [](FaultStep& step,
               Rng& rng) { step.bytes = static_cast<uint64_t>(between(rng, 50, 400)); },
    .sizes = [](const FaultStep& step) { return " of " + std::to_string(step.bytes) + " bytes"; },
    .begin = [](const FaultStep& step, int64_t) -> std::unique_ptr<Fault> {
        return std::make_unique<Slice>(step);
    },
};

}  // namespace netchat::harness

// One byte at a time, each in a segment of its own, for a while: every reader meets every possible
// beginning of what it reads.

#include <algorithm>

#include "harness/faults/fault.h"

namespace netchat::harness {

namespace {

class Slice final : public Fault {
  public:
    explicit Slice(const FaultStep& order) : left_(order.bytes) {}

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

std::unique_ptr<Fault> makeSlice(const FaultStep& order, int64_t) {
    return std::make_unique<Slice>(order);
}

}  // namespace netchat::harness

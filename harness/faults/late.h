#pragma once

// What delay and jitter share: bytes that leave at a time of their own, in the order in which they
// came.

#include <algorithm>
#include <deque>

#include "harness/faults/fault.h"

namespace netchat::harness {

class Late : public Fault {
  public:
    explicit Late(int64_t endMs) : endMs_(endMs) {}

    void arrived(size_t bytes, int64_t nowMs) override {
        const int64_t earliest = queue_.empty() ? nowMs : queue_.back().dueMs;
        queue_.push_back({bytes, std::max(earliest, nowMs + latenessMs())});
    }
    Passage rule(size_t waiting, int64_t nowMs) override {
        if (nowMs >= endMs_) return {.pass = waiting, .act = After::Over};
        size_t due = 0;
        for (const Batch& batch : queue_) {
            if (batch.dueMs > nowMs) {
                return {.pass = due, .againInMs = std::min(batch.dueMs, endMs_) - nowMs};
            }
            due += batch.bytes;
        }
        return {.pass = due, .againInMs = endMs_ - nowMs};
    }
    void passed(size_t bytes) override {
        while (bytes > 0 && !queue_.empty()) {
            const size_t taken = std::min(bytes, queue_.front().bytes);
            bytes -= taken;
            queue_.front().bytes -= taken;
            if (queue_.front().bytes == 0) queue_.pop_front();
        }
    }

  private:
    virtual int64_t latenessMs() = 0;

    struct Batch {
        size_t bytes;
        int64_t dueMs;
    };
    const int64_t endMs_;
    std::deque<Batch> queue_;
};

}  // namespace netchat::harness

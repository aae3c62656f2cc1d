#pragma once

// What happened in a run, step by step: lines for a client when they are wanted, and always a
// fingerprint by which two runs are known to be the same.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/rng.h"

namespace netchat::simulate {

class Trace {
  public:
    explicit Trace(bool kept) : kept_(kept) {}

    // Lines are made only where they are kept.
    bool kept() const { return kept_; }
    void stamp(uint64_t step, int64_t nowMs) {
        step_ = step;
        nowMs_ = nowMs;
    }
    void say(const std::string& line) {
        if (kept_)
            lines_.push_back(std::to_string(step_) + " " + std::to_string(nowMs_) + "ms  " + line);
    }
    // Every decision and everything that is shown to somebody goes in here.
    void mark(uint64_t a, uint64_t b = 0) { fingerprint_ = harness::mix(fingerprint_, a, b); }
    void mark(std::string_view text) { mark(std::hash<std::string_view>()(text)); }

    uint64_t fingerprint() const { return fingerprint_; }
    const std::vector<std::string>& lines() const { return lines_; }

  private:
    bool kept_;
    uint64_t step_ = 0;
    int64_t nowMs_ = 0;
    uint64_t fingerprint_ = 0;
    std::vector<std::string> lines_;
};

}  // namespace netchat::simulate

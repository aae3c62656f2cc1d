#pragma once

// A histogram of times, 64 steps to each power of two: quantiles within 1.6 %, in constant memory.
// (Log-linear buckets, as in Gil Tene's HdrHistogram.) Pure.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace netchat::harness {

class Latencies {
  public:
    void add(int64_t ns) {
        const auto value = static_cast<uint64_t>(std::max<int64_t>(ns, 0));
        ++bins_[binOf(value)];
        ++count_;
        max_ = std::max(max_, value);
    }
    uint64_t count() const { return count_; }
    uint64_t max() const { return max_; }
    // The value below which the share `q` (0 to 1) of all lies, in ns; 0 when there is none.
    uint64_t quantile(double q) const {
        const auto rank = static_cast<uint64_t>(q * static_cast<double>(count_));
        uint64_t seen = 0;
        for (size_t bin = 0; bin < bins_.size(); ++bin) {
            seen += bins_[bin];
            if (seen > rank) return std::min(middleOf(bin), max_);
        }
        return max_;
    }

  private:
    static constexpr size_t kSteps = 64;
    static constexpr int kStepBits = 6;

    // Values below kSteps have a bin each; above, kSteps bins for each power of two.
    static size_t binOf(uint64_t value) {
        if (value < kSteps) return static_cast<size_t>(value);
        const int shift = 63 - std::countl_zero(value) - kStepBits;
        return static_cast<size_t>(shift + 1) * kSteps +
               static_cast<size_t>((value >> shift) - kSteps);
    }
    static uint64_t middleOf(size_t bin) {
        if (bin < kSteps) return bin;
        const auto shift = bin / kSteps - 1;
        return ((kSteps + bin % kSteps) << shift) + ((uint64_t{1} << shift) >> 1);
    }

    std::vector<uint64_t> bins_ = std::vector<uint64_t>(kSteps * (65 - kStepBits));
    uint64_t count_ = 0, max_ = 0;
};

}  // namespace netchat::harness

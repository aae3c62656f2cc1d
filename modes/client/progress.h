#pragma once

// How often the progress of a transfer is told: at most a hundred times, and not for less than a
// mebibyte. Pure.

#include <algorithm>
#include <cstdint>

#include "protocol/limits.h"

namespace netchat::client {

class Progress {
  public:
    explicit Progress(uint64_t size) : size_(size) {}
    bool isDue(uint64_t done) {
        if (done < next_ && done != size_) return false;
        next_ = done + std::max<uint64_t>(limits::kMiB, size_ / 100);
        return true;
    }

  private:
    uint64_t size_;
    uint64_t next_ = limits::kMiB;
};

}  // namespace netchat::client

#pragma once

// The steps by which a text came to be, so that they can be taken back one by one. Bounded: the
// oldest are forgotten. Pure; one thread.

#include <cstddef>
#include <deque>
#include <optional>

#include "modes/connect/screen/input/traced_text.h"
#include "protocol/limits.h"

namespace netchat::connect {

class UndoLog {
  public:
    static constexpr size_t kStepsMax = 10'000;
    static constexpr size_t kBytesMax = 8 * limits::kMiB;  // of what was removed, beside the newest

    // What takes an edit back: `removed` in place of the bytes that were inserted at an offset.
    struct Step {
        size_t at = 0, inserted = 0;
        TracedText removed = {};
        size_t cursor = 0;  // before the edit
        size_t place = 0;   // in the history, before the edit
    };

    void add(Step step) {
        bytes_ += step.removed.size();
        steps_.push_back(std::move(step));
        while (steps_.size() > kStepsMax || (bytes_ > kBytesMax && steps_.size() > 1)) {
            bytes_ -= steps_.front().removed.size();
            steps_.pop_front();
        }
    }
    // Bytes that were inserted right behind those of the newest step become part of it. False: that
    // step is of another kind.
    bool extend(size_t at, size_t bytes) {
        if (steps_.empty()) return false;
        Step& newest = steps_.back();
        if (!newest.removed.empty() || newest.at + newest.inserted != at) return false;
        newest.inserted += bytes;
        return true;
    }
    std::optional<Step> takeNewest() {
        if (steps_.empty()) return std::nullopt;
        Step newest = std::move(steps_.back());
        steps_.pop_back();
        bytes_ -= newest.removed.size();
        return newest;
    }
    void clear() {
        steps_.clear();
        bytes_ = 0;
    }

  private:
    std::deque<Step> steps_;
    size_t bytes_ = 0;
};

}  // namespace netchat::connect

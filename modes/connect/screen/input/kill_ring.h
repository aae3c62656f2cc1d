#pragma once

// What was killed lately, for yanking: the newest is on top, and the ring is turned to get at the
// others. Bounded: the oldest go. Pure; one thread.

#include <cstddef>
#include <deque>

#include "modes/connect/screen/input/traced_text.h"
#include "protocol/limits.h"

namespace netchat::connect {

class KillRing {
  public:
    static constexpr size_t kKillsMax = 60;
    static constexpr size_t kBytesMax = 8 * limits::kMiB;  // of the older ones with the newest

    enum class Side { Before, Behind };

    void add(TracedText text) {
        bytes_ += text.size();
        kills_.push_front(std::move(text));
        while (kills_.size() > kKillsMax || (bytes_ > kBytesMax && kills_.size() > 1)) {
            bytes_ -= kills_.back().size();
            kills_.pop_back();
        }
    }
    // What was killed next to the top, on that side of it, becomes one with it.
    void join(const TracedText& text, Side side) {
        if (kills_.empty()) return add(text);
        TracedText& top = kills_.front();
        top = side == Side::Before ? text + top : top + text;
        bytes_ += text.size();
    }

    bool empty() const { return kills_.empty(); }
    const TracedText& top() const { return kills_.front(); }
    // The next older one comes to the top, and the top to the end.
    void turn() {
        kills_.push_back(std::move(kills_.front()));
        kills_.pop_front();
    }

  private:
    std::deque<TracedText> kills_;
    size_t bytes_ = 0;
};

}  // namespace netchat::connect

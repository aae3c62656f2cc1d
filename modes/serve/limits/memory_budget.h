#pragma once

// What all clients together make the server hold in memory: answers that they do not read, frames
// that they do not finish, pages and tails of rooms for those who are behind. Beyond the bound
// those who hold most are ended, and nobody else.

#include <atomic>
#include <cstddef>
#include <functional>

namespace netchat::serve {

// Any thread.
class MemoryBudget {
  public:
    // `wake`: every loop has a turn soon, in which it frees what it can. `gaveBack`: much was held,
    // and is no longer.
    MemoryBudget(size_t max, std::function<void()> wake, std::function<void()> gaveBack)
        : max_(max), wake_(std::move(wake)), gaveBack_(std::move(gaveBack)) {}

    // From now on.
    void limitBy(size_t max) { max_ = max; }
    // So many bytes more, or less.
    void holds(std::ptrdiff_t more);
    // One more (or less) who holds any: an address, or a client that is not counted by address.
    void holders(int more) { holders_ += more; }

    bool isOver() const { return held_ > max_; }
    // Uploads are read more slowly from here on.
    bool isTight() const { return held_ > max_ / 2; }
    // While it is over, somebody holds more than this.
    size_t fairShare() const;
    // What could be freed on one loop is; the others are to be woken for the next byte again.
    void eased() { woken_ = false; }
    size_t held() const { return held_; }

  private:
    std::atomic<size_t> max_;
    const std::function<void()> wake_, gaveBack_;
    std::atomic<size_t> held_{0}, peak_{0};
    std::atomic<int> holders_{0};
    std::atomic<bool> woken_{false};
};

// A quarter of the machine's memory, but limits::kMemoryMax at most.
size_t defaultMemoryMax();

}  // namespace netchat::serve

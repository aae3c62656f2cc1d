#pragma once

// Waits, in the middle of a turn of the loop, until a descriptor can be written: who reads slowly
// is served slowly. It gives up for what does not wait for a reader, so that one that stands still
// holds up no deadline and no signal.

#include <cstdint>
#include <functional>
#include <limits>

namespace netchat::client {

// One thread. Descriptors are borrowed.
class WriteWait {
  public:
    // `take` is called when `fd` can be read, from within the wait, for what is said there to have
    // its effect; then whoever reads has a moment for the line that was begun. -1: nothing.
    struct Urgent {
        int fd = -1;
        std::function<void()> take = {};
    };
    // What is read meanwhile: `read` is called when `fd()` can be read; -1: nothing for now.
    struct Meanwhile {
        std::function<int()> fd = {};
        std::function<void()> read = {};
    };

    void urgent(Urgent urgent) { urgent_ = std::move(urgent); }
    void meanwhile(Meanwhile meanwhile) { meanwhile_ = std::move(meanwhile); }
    // No wait goes beyond this moment, of net::monotonicMs().
    void endAt(int64_t ms);
    // False: it cannot be written, and is not to be waited for any more.
    bool untilWritable(int fd);

  private:
    static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

    Urgent urgent_;
    Meanwhile meanwhile_;
    int64_t endMs_ = kNever;
};

}  // namespace netchat::client

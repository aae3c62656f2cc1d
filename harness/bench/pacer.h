#pragma once

// Calls at moments that are exact to some microseconds: a loop's own timers know milliseconds.

#include <cstdint>
#include <functional>

#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only.
class Pacer final : private net::Watcher {
  public:
    Pacer(net::EventLoop& loop, std::function<void()> due);
    ~Pacer();
    Pacer(const Pacer&) = delete;
    Pacer& operator=(const Pacer&) = delete;
    // The next call; of the monotonic clock. The past: at once.
    void callAt(int64_t ns);

  private:
    void onReady(uint32_t events) override;

    net::EventLoop& loop_;
    std::function<void()> due_;
    int fd_;
};

}  // namespace netchat::harness

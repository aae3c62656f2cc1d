#pragma once

// SIGINT and SIGTERM as events of a loop.

#include <csignal>
#include <functional>

#include "modes/net/event_loop.h"

namespace netchat::bot {

// Construct it before any thread is started: it blocks the signals, for as long as the process
// lives. Loop thread only.
class SignalWatch : private net::Watcher {
  public:
    // Told the signal's number. A second signal ends the process at once.
    SignalWatch(net::EventLoop& loop, std::function<void(int)> onSignal);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

  private:
    void onReady(uint32_t events) override;

    net::EventLoop& loop_;
    std::function<void(int)> onSignal_;
    int fd_;
    bool told_ = false;
};

}  // namespace netchat::bot

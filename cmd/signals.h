#pragma once

// Signals as events of a loop (signalfd), for subcommands that live on one.

#include <sys/types.h>

#include <functional>
#include <initializer_list>

#include "modes/net/event_loop.h"

namespace netchat::cmd {

// Loop thread only. It blocks SIGINT, SIGTERM, SIGHUP and what else is named for the process from
// its construction on, which must come before any other thread is made, and for the rest of the
// process's life. SIGHUP and SIGINT that were ignored at the start stay so, and are not told.
class SignalWatcher : private net::Watcher {
  public:
    SignalWatcher(net::EventLoop& loop, std::function<void(int signal)> handler,
                  std::initializer_list<int> more = {});
    ~SignalWatcher();
    // What can be read when one has come, and what then has it told, where the loop cannot.
    int fd() const { return fd_; }
    void take() { onReady(0); }

  private:
    void onReady(uint32_t events) override;

    net::EventLoop& loop_;
    std::function<void(int)> handler_;
    int fd_;
};

}  // namespace netchat::cmd

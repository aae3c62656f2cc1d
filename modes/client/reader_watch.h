#pragma once

// Tells when nobody reads a descriptor any more, also while nothing is written to it: the other end
// of a pipe or of a socket was closed. Of files nothing is told.

#include <functional>

#include "modes/net/event_loop.h"

namespace netchat::client {

// Loop thread only. `fd` is borrowed and must stay open.
class ReaderWatch : private net::Watcher {
  public:
    // `gone` is called once, from the loop; it may destroy this object.
    ReaderWatch(net::EventLoop& loop, int fd, std::function<void()> gone);
    ~ReaderWatch();
    ReaderWatch(const ReaderWatch&) = delete;
    ReaderWatch& operator=(const ReaderWatch&) = delete;

  private:
    void onReady(uint32_t events) override;
    void stop();

    net::EventLoop& loop_;
    const int fd_;
    std::function<void()> gone_;
    bool watching_ = false;
};

}  // namespace netchat::client

#pragma once

// Makes one outgoing connection without blocking the loop.

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <functional>
#include <string>

#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::net {

// Loop thread only. Destroying it gives up silently; it may be destroyed in its own callback.
class Connector : private Watcher {
  public:
    // Called once, from the loop: a connected non-blocking socket without delay, or why not.
    using Done = std::function<void(Result<Poco::Net::StreamSocket>)>;

    Connector(EventLoop& loop, const Poco::Net::SocketAddress& address, int64_t timeoutMs,
              Done done);
    ~Connector();

  private:
    void onReady(uint32_t events) override;
    void finish(Result<Poco::Net::StreamSocket> result);
    Error failure(int error) const;
    void endWatch();

    EventLoop& loop_;
    std::string target_;  // "127.0.0.1:6121", for errors
    Done done_;
    Poco::Net::StreamSocket socket_;
    int fd_ = -1;
    EventLoop::TimerId timer_ = 0;
    bool watching_ = false;
};

}  // namespace netchat::net

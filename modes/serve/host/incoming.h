#pragma once

// A connection on its way from the thread that has taken it to the loop that is to have it. POCO's
// count of who holds a socket is its own, so a thread that has read from one hands over a
// descriptor that nobody else holds.

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <memory>
#include <optional>

#include "modes/descriptor.h"

namespace netchat::serve {

class Incoming {
  public:
    // From the acceptor, which has not touched it.
    explicit Incoming(const Poco::Net::StreamSocket& socket) : socket_(socket) {}
    // Of its own.
    explicit Incoming(int fd) : own_(std::make_shared<Descriptor>(fd)) {}

    // On the loop's thread, once.
    Poco::Net::StreamSocket take() const {
        if (socket_) return *socket_;
        return Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(own_->release()));
    }

  private:
    std::optional<Poco::Net::StreamSocket> socket_;
    std::shared_ptr<Descriptor> own_;
};

}  // namespace netchat::serve

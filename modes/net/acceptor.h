#pragma once

// Accepts connections for the loops: POCO's TCPServer, whose connection filter takes each socket
// away before TCPServer would give it a thread.

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>

#include <functional>
#include <memory>

#include "protocol/result.h"

namespace netchat::net {

class Acceptor {
  public:
    // Called on the acceptor's thread with a non-blocking socket that has no delay and closes on
    // exec; must return quickly.
    using Handler = std::function<void(Poco::Net::StreamSocket)>;
    // How it is with descriptors, told on the acceptor's thread.
    enum class Full {
        Begins,  // none is left for a connection that waits
        Closed,  // one more was ended at once for that
        Over,    // there have been some for a while
    };
    using OnFull = std::function<void(Full)>;

    enum class Listening {
        AtOnce,
        Later,  // by listen(): until then, who connects is refused
    };
    // Binds and listens, exclusively (a port in use is an error), IPv6 addresses for both families
    // where the system does so. The handler is not called before start().
    static Result<std::unique_ptr<Acceptor>> bind(const Poco::Net::SocketAddress& address,
                                                  Handler handler, OnFull onFull = {},
                                                  Listening listening = Listening::AtOnce);
    ~Acceptor();  // stops
    // Before start(). A port that another one bound later and listens at by now is an error.
    Status listen();

    // Peers that are accepted from now on; as of tcp_options.h. Any thread.
    void giveUpWithin(int64_t ms);
    void start();
    // No connection is handed over after it returns, and the port is free.
    void stop();
    // With the real port where 0 was asked for.
    Poco::Net::SocketAddress address() const;

  private:
    Acceptor(const Poco::Net::ServerSocket& socket, Handler handler);

    Poco::Net::ServerSocket socket_;
    Poco::Net::SocketAddress address_;  // kept: a closed socket has none
    std::unique_ptr<Poco::Net::TCPServer> server_;
};

}  // namespace netchat::net

#pragma once

// Reads the PROXY headers (proxy_header.h) of new connections: each header to its last byte and
// nothing behind it, so that what follows is there for whoever takes the socket. A connection costs
// memory here only until its header has come.
//
//     acceptor --await--> [ header, or its deadline ] --onRead--> whoever goes on with the socket

#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "modes/net/event_loop.h"
#include "modes/net/proxy_header.h"

namespace netchat::net {

// The loop's thread only, except where a method says otherwise.
class ProxyReader {
  public:
    // What came of it. In place of a header: why there is none.
    struct Outcome {
        Poco::Net::StreamSocket socket;
        Poco::Net::SocketAddress peer;  // the balancer's
        Result<ProxyHeader> header;
        bool silent = false;  // its end is all that came: somebody looked whether the port is open
    };
    using OnRead = std::function<void(const Outcome&)>;

    ProxyReader(EventLoop& loop, OnRead onRead);
    ~ProxyReader();  // on the loop's thread, or after it has ended; closes all that wait
    ProxyReader(const ProxyReader&) = delete;
    ProxyReader& operator=(const ProxyReader&) = delete;

    // Any thread; the reader must live as long as the loop runs. The socket is non-blocking.
    void await(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer,
               int64_t withinMs);
    size_t waiting() const { return waiting_.size(); }

  private:
    class Waiting;

    void finish(int fd, const Outcome& outcome);

    EventLoop& loop_;
    OnRead onRead_;
    std::unordered_map<int, std::unique_ptr<Waiting>> waiting_;  // by descriptor
};

}  // namespace netchat::net

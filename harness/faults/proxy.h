#pragma once

// The way between bots and server, where the faults are: each bot has an address of its own here,
// its lane, so that an order names whose connection it is for, whichever connection that is then.

#include <Poco/Net/ServerSocket.h>

#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "harness/faults/link.h"
#include "harness/faults/meter.h"
#include "modes/net/address.h"
#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::harness {

// Loop thread only.
class Proxy {
  public:
    // Listens on as many ports of 127.0.0.1 as there are lanes. `metered`: files are looked at.
    static Result<std::unique_ptr<Proxy>> create(net::EventLoop& loop, size_t lanes,
                                                 const net::HostPort& server, bool metered);
    ~Proxy();

    net::HostPort address(size_t lane) const;
    // To the connection of its bot or, if there is none now, to its next.
    void apply(const FaultStep& order);
    // To all connections that there are, of any lane.
    void applyToAll(const FaultStep& order);
    // Connections that come from now on lead there.
    Status moveTo(const net::HostPort& server);
    // All faults are over; what is still waiting for a connection will not happen.
    void clear();
    // Told each order as its fault begins.
    void onApplied(std::function<void(const FaultStep&)> hook) { applied_ = std::move(hook); }
    bool hasConnection(size_t lane) const { return lanes_[lane]->current != nullptr; }
    const Meter& meter(size_t lane) const { return lanes_[lane]->meter; }

  private:
    struct Lane final : net::Watcher {
        Lane(Proxy& p, const Poco::Net::ServerSocket& s) : proxy(p), socket(s) {}
        void onReady(uint32_t) override { proxy.accept(*this); }

        Proxy& proxy;
        Poco::Net::ServerSocket socket;
        Meter meter;
        std::list<std::unique_ptr<Link>> links;  // the newest last
        Link* current = nullptr;                 // the bot's own; null when that is over
        std::vector<FaultStep> waiting;          // for the next connection
    };

    Proxy(net::EventLoop& loop, const Poco::Net::SocketAddress& server, bool metered)
        : loop_(loop), server_(server), metered_(metered) {}
    void accept(Lane& lane);
    void open(Lane& lane, const Poco::Net::StreamSocket& socket);
    void close(Lane& lane, Link* link);
    void begin(Lane& lane, const FaultStep& order);

    net::EventLoop& loop_;
    Poco::Net::SocketAddress server_;
    const bool metered_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::function<void(const FaultStep&)> applied_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

}  // namespace netchat::harness

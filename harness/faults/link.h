#pragma once

// One connection through the proxy: what comes from one side waits here until the faults of its
// direction let it pass to the other.
//
//     bot <--> near connection | waiting, faults | far connection <--> server

#include <Poco/Net/StreamSocket.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/faults/fault.h"
#include "modes/net/connection.h"
#include "modes/net/connector.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only. Not to be destroyed in its own callbacks: it says when it is over.
class Link {
  public:
    struct Hooks {
        // Both sides are gone.
        std::function<void()> over;
        // What a side sent, as it came.
        std::function<void(Direction, std::string_view)> passing;
    };

    // `near`: accepted, non-blocking. The connection to `server` is made by this.
    Link(net::EventLoop& loop, const Poco::Net::StreamSocket& near,
         const Poco::Net::SocketAddress& server, Hooks hooks);
    ~Link();

    // Its type begins on a connection.
    void apply(const FaultStep& step);
    // All faults are over; what they did stays done.
    void clear();
    // Something can still be done to it.
    bool passing() const { return state_ == State::Passing; }

  private:
    // What comes from one side; `Up` comes from the bot.
    struct Half final : net::Connection::Handler {
        Half(Link& l, Direction d) : link(l), direction(d) {}
        void onBytes(std::string_view bytes) override { link.take(*this, bytes); }
        // This side takes more: what the other sent can pass.
        void onWritable() override { link.pump(link.other(*this)); }
        void onEnd(std::string_view reason) override { link.sideEnded(*this, reason); }

        Link& link;
        const Direction direction;
        Poco::Net::StreamSocket socket;
        std::unique_ptr<net::Connection> connection;
        std::string waiting;
        size_t taken = 0;  // of waiting: has passed
        bool ended = false;
        bool told = false;  // the other side was told that this one has ended
        std::vector<std::unique_ptr<Fault>> faults;
        net::EventLoop::TimerId timer = 0;
    };
    enum class State {
        Passing,
        Swallowing,  // nothing passes any more, and nobody is told
        Over,
    };

    Half& half(Direction direction) { return halves_[static_cast<size_t>(direction)]; }
    Half& other(const Half& h) {
        return half(h.direction == Direction::Up ? Direction::Down : Direction::Up);
    }
    void connected(const Poco::Net::StreamSocket& socket);
    void take(Half& from, std::string_view bytes);
    void sideEnded(Half& from, std::string_view reason);
    void pump(Half& from);
    Fault::Passage judged(Half& from);
    bool move(Half& from, size_t size);
    void act(Fault::After act);
    void passEnd(Half& from);
    void end(bool reset);
    void drop(Half& h, bool reset);

    net::EventLoop& loop_;
    Hooks hooks_;
    std::array<Half, 2> halves_;
    std::unique_ptr<net::Connector> connector_;
    State state_ = State::Passing;
};

}  // namespace netchat::harness

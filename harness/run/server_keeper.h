#pragma once

// The run's own server over its kills: each next one has the same port and the same data.

#include <memory>
#include <string>

#include "harness/run/child_server.h"
#include "harness/run/killable_server.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only.
class ServerKeeper final : public KillableServer, private net::Watcher {
  public:
    // `options`: with "--port" "0" among its arguments, which later ones have replaced.
    static Result<std::unique_ptr<ServerKeeper>> start(net::EventLoop& loop,
                                                       ChildServer::Options options);
    ~ServerKeeper() override;

    const net::HostPort& address() const override { return address_; }
    bool up() const override { return state_ == State::Up; }
    void killAndRestart(Back back) override;
    std::string stop(int64_t timeoutMs) override;
    std::string complaints() const override {
        return server_ ? server_->complaints() : std::string();
    }

  private:
    enum class State {
        Up,
        Starting,
        Down,  // it did not start again
    };
    ServerKeeper(net::EventLoop& loop, ChildServer::Options options,
                 std::unique_ptr<ChildServer> server);
    void launch();
    void onReady(uint32_t events) override;
    void settle(State state, const std::string& trouble);

    net::EventLoop& loop_;
    ChildServer::Options options_;
    std::unique_ptr<ChildServer> server_;
    net::HostPort address_;
    State state_ = State::Up;
    std::string before_;  // how it had ended before it was killed
    net::EventLoop::TimerId limit_ = 0;
    Back back_;
};

}  // namespace netchat::harness

#pragma once

// Two servers of the run's own on one database. One has the database alone and serves clients; the
// other waits until that one is gone.
//
//     waiting --- says that it listens ---> active --- killed, or ends ---> waiting (a new process)
//           '--- ends: the database was away ---> waiting (a new process)

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "harness/run/child_server.h"
#include "harness/run/killable_server.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only.
class ServerNodes final : public KillableServer {
  public:
    // Returns when the first one listens; the second one is waiting, or will be soon.
    static Result<std::unique_ptr<ServerNodes>> start(
        net::EventLoop& loop, const std::array<ChildServer::Options, 2>& options);
    ~ServerNodes() override;

    // Told whenever the other one has become active: clients have to be led to address(). An Error
    // is the trouble of the kill that led to it.
    void onMoved(std::function<Status()> hook) { moved_ = std::move(hook); }
    // Told why there is no server any more, without a kill.
    void onDown(std::function<void(const std::string& trouble)> hook) { down_ = std::move(hook); }

    const net::HostPort& address() const override { return nodes_[active_]->server->address(); }
    bool up() const override { return state_ == State::Up; }
    void killAndRestart(Back back) override;
    std::string stop(int64_t timeoutMs) override;
    std::string complaints() const override { return nodes_[active_]->server->complaints(); }

  private:
    struct Node final : net::Watcher {
        Node(ServerNodes& n, ChildServer::Options o) : nodes(n), options(std::move(o)) {}
        void onReady(uint32_t) override { nodes.look(*this); }

        ServerNodes& nodes;
        const ChildServer::Options options;
        std::unique_ptr<ChildServer> server;
        bool watched = false;
        net::EventLoop::TimerId again = 0;  // when it is started again
    };
    enum class State {
        Up,
        TakingOver,  // the active one was killed
        Down,        // nobody took over
    };

    explicit ServerNodes(net::EventLoop& loop) : loop_(loop) {}
    Status launchWaiting(Node& node);
    void unwatch(Node& node);
    void look(Node& node);
    void takeOver();
    void settle(State state, const std::string& trouble);

    net::EventLoop& loop_;
    std::array<std::unique_ptr<Node>, 2> nodes_;
    size_t active_ = 0;
    State state_ = State::Up;
    std::string before_;  // how the active one had ended before it was killed
    net::EventLoop::TimerId limit_ = 0;
    std::function<Status()> moved_;
    std::function<void(const std::string&)> down_;
    Back back_;
};

}  // namespace netchat::harness

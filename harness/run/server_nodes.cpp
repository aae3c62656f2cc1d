#include "harness/run/server_nodes.h"

#include <sys/epoll.h>

#include <utility>

namespace netchat::harness {

namespace {

// The other one must have been silent for some seconds, and the database may be on its way back.
constexpr int64_t kTakeOverMs = 60'000;
constexpr int64_t kAgainMs = 500;

}  // namespace

Result<std::unique_ptr<ServerNodes>> ServerNodes::start(
    net::EventLoop& loop, const std::array<ChildServer::Options, 2>& options) {
    std::unique_ptr<ServerNodes> nodes(new ServerNodes(loop));
    for (size_t i = 0; i < options.size(); ++i) {
        nodes->nodes_[i] = std::make_unique<Node>(*nodes, options[i]);
    }
    auto first = ChildServer::start(options[0]);
    if (!first) return first.error();
    nodes->nodes_[0]->server = std::move(*first);
    if (auto status = nodes->launchWaiting(*nodes->nodes_[1]); !status) return status.error();
    return nodes;
}

ServerNodes::~ServerNodes() {
    loop_.cancel(limit_);
    for (auto& node : nodes_) {
        if (!node) continue;
        loop_.cancel(node->again);
        unwatch(*node);
    }
}

Status ServerNodes::launchWaiting(Node& node) {
    auto launched = ChildServer::launch(node.options);
    if (!launched) return launched.error();
    node.server = std::move(*launched);
    loop_.watch(node.server->output(), EPOLLIN, node);
    node.watched = true;
    return Ok{};
}

void ServerNodes::unwatch(Node& node) {
    if (std::exchange(node.watched, false)) loop_.unwatch(node.server->output());
}

void ServerNodes::killAndRestart(Back back) {
    back_ = std::move(back);
    before_ = nodes_[active_]->server->kill();
    state_ = State::TakingOver;
    limit_ = loop_.after(kTakeOverMs, [this] {
        limit_ = 0;
        settle(State::Down, "the server that waited did not take over");
    });
}

// The one that waits says that it listens, or has ended: its database was away as it started. It is
// started again, as a service manager would.
void ServerNodes::look(Node& node) {
    const auto listening = node.server->listening();
    if (listening && !*listening) return;
    unwatch(node);
    if (listening) return takeOver();
    if (listening.error().code != ErrorCode::Closing) {
        return settle(State::Down, "the server that waited: " + listening.error().text);
    }
    node.again = loop_.after(kAgainMs, [this, &node] {
        node.again = 0;
        if (const Status status = launchWaiting(node); !status) {
            settle(State::Down, status.error().text);
        }
    });
}

// Also without a kill: a server that could not reach the database for too long has lost it.
void ServerNodes::takeOver() {
    Node& before = *nodes_[active_];
    active_ = 1 - active_;
    if (state_ == State::Up) (void)before.server->kill();
    loop_.cancel(std::exchange(limit_, 0));
    const Status moved = moved_ ? moved_() : Status{Ok{}};
    const Status waiting = launchWaiting(before);
    if (!moved || !waiting) {
        return settle(State::Down, (moved ? waiting : moved).error().text);
    }
    settle(State::Up, before_);
}

void ServerNodes::settle(State state, const std::string& trouble) {
    state_ = state;
    before_.clear();
    const auto back = std::exchange(back_, {});
    if (back) return back(trouble);
    if (state == State::Down && down_) down_(trouble);
}

std::string ServerNodes::stop(int64_t timeoutMs) {
    loop_.cancel(std::exchange(limit_, 0));
    for (auto& node : nodes_) {
        loop_.cancel(std::exchange(node->again, 0));
        unwatch(*node);
    }
    // The one that waits first: it would take over. Perhaps it has ended by itself.
    ChildServer& waiting = *nodes_[1 - active_]->server;
    const std::string other = waiting.pid() == 0 ? "" : waiting.stop(timeoutMs);
    const std::string fault = nodes_[active_]->server->stop(timeoutMs);
    return fault.empty() && !other.empty() ? "the server that waited: " + other : fault;
}

}  // namespace netchat::harness

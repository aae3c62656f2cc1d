#include "harness/run/server_keeper.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace netchat::harness {

Result<std::unique_ptr<ServerKeeper>> ServerKeeper::start(net::EventLoop& loop,
                                                          ChildServer::Options options) {
    auto server = ChildServer::start(options);
    if (!server) return server.error();
    return std::unique_ptr<ServerKeeper>(
        new ServerKeeper(loop, std::move(options), std::move(*server)));
}

ServerKeeper::ServerKeeper(net::EventLoop& loop, ChildServer::Options options,
                           std::unique_ptr<ChildServer> server)
    : loop_(loop),
      options_(std::move(options)),
      server_(std::move(server)),
      address_(server_->address()) {
    auto& words = options_.arguments;
    const auto port = std::find(words.begin(), words.end(), "--port");
    if (port != words.end() && port + 1 != words.end()) *(port + 1) = std::to_string(address_.port);
}

ServerKeeper::~ServerKeeper() {
    loop_.cancel(limit_);
    if (state_ == State::Starting) loop_.unwatch(server_->output());
}

void ServerKeeper::killAndRestart(Back back) {
    back_ = std::move(back);
    before_ = server_->kill();
    launch();
}

void ServerKeeper::launch() {
    auto launched = ChildServer::launch(options_);
    if (!launched) return settle(State::Down, launched.error().text);
    server_ = std::move(*launched);
    state_ = State::Starting;
    loop_.watch(server_->output(), EPOLLIN, *this);
    limit_ = loop_.after(options_.timeoutMs, [this] {
        limit_ = 0;
        loop_.unwatch(server_->output());
        settle(State::Down, "it did not report that it is listening");
    });
}

void ServerKeeper::onReady(uint32_t) {
    const auto listening = server_->listening();
    if (listening && !*listening) return;
    loop_.unwatch(server_->output());
    loop_.cancel(std::exchange(limit_, 0));
    if (!listening) return settle(State::Down, listening.error().text);
    settle(State::Up, before_);
}

void ServerKeeper::settle(State state, const std::string& trouble) {
    state_ = state;
    const auto back = std::exchange(back_, {});
    if (back) back(trouble);
}

std::string ServerKeeper::stop(int64_t timeoutMs) {
    if (state_ == State::Starting) {
        loop_.unwatch(server_->output());
        state_ = State::Up;
    }
    return server_->stop(timeoutMs);
}

}  // namespace netchat::harness

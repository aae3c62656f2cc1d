#pragma once

// SIGINT and SIGTERM as events of a loop, from construction to destruction. A SIGINT that was
// ignored at the start stays so. Loop thread only.

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "modes/net/event_loop.h"
#include "modes/net/process.h"

namespace netchat::harness {

class SignalWatch final : private net::Watcher {
  public:
    SignalWatch(net::EventLoop& loop, std::function<void(int)> handler)
        : loop_(loop), handler_(std::move(handler)) {
        sigset_t set;
        sigemptyset(&set);
        if (!net::isIgnored(SIGINT)) sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set, &before_);
        fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd_ >= 0) loop_.watch(fd_, EPOLLIN, *this);
    }
    ~SignalWatch() {
        if (fd_ >= 0) {
            loop_.unwatch(fd_);
            close(fd_);
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

  private:
    void onReady(uint32_t) override {
        signalfd_siginfo info{};
        while (read(fd_, &info, sizeof info) == sizeof info) {
            handler_(static_cast<int>(info.ssi_signo));
        }
    }

    net::EventLoop& loop_;
    std::function<void(int)> handler_;
    sigset_t before_{};
    int fd_ = -1;
};

}  // namespace netchat::harness

#include "modes/bot/signals.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace netchat::bot {
namespace {

sigset_t handled() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

SignalWatch::SignalWatch(net::EventLoop& loop, std::function<void(int)> onSignal)
    : loop_(loop), onSignal_(std::move(onSignal)) {
    sigset_t set = handled();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd_ >= 0) loop_.watch(fd_, EPOLLIN, *this);
}

SignalWatch::~SignalWatch() {
    if (fd_ < 0) return;
    loop_.unwatch(fd_);
    close(fd_);
}

void SignalWatch::onReady(uint32_t) {
    signalfd_siginfo info;
    while (read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        int signal = static_cast<int>(info.ssi_signo);
        if (told_) _exit(128 + signal);
        told_ = true;
        onSignal_(signal);
    }
}

}  // namespace netchat::bot

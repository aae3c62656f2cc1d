#include "cmd/signals.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "modes/net/process.h"

namespace netchat::cmd {

namespace {

int makeSignalFd(std::initializer_list<int> more) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    // A blocked signal is kept even where it is ignored, and would be told.
    for (const int signal : {SIGINT, SIGHUP}) {
        if (!net::isIgnored(signal)) sigaddset(&signals, signal);
    }
    for (const int signal : more) sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int fd = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
    return fd;
}

}  // namespace

SignalWatcher::SignalWatcher(net::EventLoop& loop, std::function<void(int signal)> handler,
                             std::initializer_list<int> more)
    : loop_(loop), handler_(std::move(handler)), fd_(makeSignalFd(more)) {
    loop_.watch(fd_, EPOLLIN, *this);
}

SignalWatcher::~SignalWatcher() {
    loop_.unwatch(fd_);
    ::close(fd_);
}

void SignalWatcher::onReady(uint32_t) {
    signalfd_siginfo signal{};
    if (::read(fd_, &signal, sizeof signal) == sizeof signal) {
        handler_(static_cast<int>(signal.ssi_signo));
    }
}

}  // namespace netchat::cmd

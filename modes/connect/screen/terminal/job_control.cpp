#include "modes/connect/screen/terminal/job_control.h"

#include <csignal>

#include <unistd.h>

namespace netchat::connect {

namespace {

// Who watches for SIGCONT would put the terminal back for a moment and set it up again; what is
// pasted just then would not be marked as pasted. It waits only where it is blocked, for a
// signalfd.
void takeContinue() {
    sigset_t continued;
    sigemptyset(&continued);
    sigaddset(&continued, SIGCONT);
    sigset_t waiting;
    sigpending(&waiting);
    constexpr timespec kAtOnce = {};
    if (sigismember(&waiting, SIGCONT) == 1) ::sigtimedwait(&continued, nullptr, &kAtOnce);
}

}  // namespace

// The default action spares a job that no shell could ever continue. Elsewhere the signal may be
// blocked, for a signalfd, or handled.
void stopJob() {
    struct sigaction usual = {}, handler = {};
    usual.sa_handler = SIG_DFL;
    sigset_t stopping, before;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTSTP);
    ::sigaction(SIGTSTP, &usual, &handler);
    pthread_sigmask(SIG_UNBLOCK, &stopping, &before);
    ::kill(0, SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::sigaction(SIGTSTP, &handler, nullptr);
    takeContinue();
}

// The mode to be saved is ours only in the foreground. A job that no shell looks after does not
// stop, hence the bound.
void awaitForeground(int terminal) {
    constexpr int kTries = 3;
    for (int i = 0; i < kTries; ++i) {
        const pid_t foreground = ::tcgetpgrp(terminal);
        if (foreground < 0 || foreground == ::getpgrp()) return;
        ::kill(0, SIGTTOU);
        takeContinue();
    }
}

}  // namespace netchat::connect

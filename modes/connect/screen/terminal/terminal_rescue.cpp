#include "modes/connect/screen/terminal/terminal_rescue.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>

#include <poll.h>
#include <unistd.h>

namespace netchat::connect {

namespace {

// All that end a process and are not waited for elsewhere.
constexpr std::array kFatal = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,    SIGABRT, SIGSYS,
                               SIGTRAP, SIGQUIT, SIGUSR1, SIGUSR2,   SIGALRM, SIGVTALRM,
                               SIGPROF, SIGXCPU, SIGXFSZ, SIGSTKFLT, SIGIO,   SIGPWR};
// For how often and how long a terminal that takes no bytes is waited for.
constexpr int kWaits = 10;
constexpr int kWaitMs = 100;

// What a signal handler may need: written before `armed` is set, only read while it is.
struct WayBack {
    std::atomic<bool> armed = false;
    int fd = -1;
    pid_t process = 0;
    termios mode = {};
    size_t size = 0;
    std::array<char, TerminalRescue::kBytesMax> bytes = {};
    std::array<struct sigaction, kFatal.size()> handlers = {};  // that were there before
    std::terminate_handler terminate = nullptr;                 // the same
};

static_assert(std::atomic<bool>::is_always_lock_free);
constinit WayBack wayBack;

alignas(std::max_align_t) constinit std::array<std::byte, 65'536> spareStack = {};

// Only async-signal-safe calls from here to onFatal().
void writeBytes() {
    size_t sent = 0;
    for (int waits = 0; sent < wayBack.size && waits < kWaits;) {
        const ssize_t n = ::write(wayBack.fd, wayBack.bytes.data() + sent, wayBack.size - sent);
        if (n > 0) {
            sent += static_cast<size_t>(n);
        } else if (errno == EAGAIN || errno == EINTR) {
            pollfd writable{.fd = wayBack.fd, .events = POLLOUT, .revents = 0};
            ::poll(&writable, 1, kWaitMs);
            ++waits;
        } else {
            return;
        }
    }
}

// In the background the mode is the shell's, which has set its own. SIGTTOU would stop whoever
// touches the terminal from there.
void setBack() {
    sigset_t stopping, before;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stopping, &before);
    writeBytes();
    const pid_t foreground = ::tcgetpgrp(wayBack.fd);
    if (foreground < 0 || foreground == ::getpgrp())
        ::tcsetattr(wayBack.fd, TCSANOW, &wayBack.mode);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void setBackOnce() {
    const int error = errno;
    const bool ours = wayBack.process == ::getpid();
    if (ours && wayBack.armed.exchange(false)) setBack();
    errno = error;
}

const struct sigaction* handlerBefore(int signal) {
    const auto at = std::find(kFatal.begin(), kFatal.end(), signal);
    return at == kFatal.end() ? nullptr
                              : &wayBack.handlers[static_cast<size_t>(at - kFatal.begin())];
}

// The instruction is run again, faults again, and who comes next sees where it was.
bool faultsAgain(int signal, const siginfo_t* info) {
    const bool repeats =
        signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
    return repeats && info != nullptr && info->si_code > 0;
}

void onFatal(int signal, siginfo_t* info, void*) {
    setBackOnce();
    ::sigaction(signal, handlerBefore(signal), nullptr);
    if (!faultsAgain(signal, info)) ::raise(signal);
}

void installHandlers() {
    struct sigaction ours = {};
    ours.sa_sigaction = onFatal;
    ours.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < kFatal.size(); ++i) {
        ::sigaction(kFatal[i], &ours, &wayBack.handlers[i]);
        // What was to be ignored is.
        if (wayBack.handlers[i].sa_handler == SIG_IGN) {
            ::sigaction(kFatal[i], &wayBack.handlers[i], nullptr);
        }
    }
}

void removeHandlers() {
    for (size_t i = 0; i < kFatal.size(); ++i) {
        ::sigaction(kFatal[i], &wayBack.handlers[i], nullptr);
    }
}

// What terminate() prints of an exception is read where the shell is.
[[noreturn]] void onTerminate() {
    setBackOnce();
    if (wayBack.terminate != nullptr) wayBack.terminate();
    std::abort();
}

// An overflown stack has no room for a handler.
void provideStack() {
    stack_t present = {};
    if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    stack_t spare = {};
    spare.ss_sp = spareStack.data();
    spare.ss_size = spareStack.size();
    ::sigaltstack(&spare, nullptr);
}

}  // namespace

void TerminalRescue::arm(int fd, const termios& mode, std::string_view bytes) {
    assert(!wayBack.armed || wayBack.process != ::getpid());
    assert(bytes.size() <= kBytesMax);
    [[maybe_unused]] static const int registered = std::atexit(setBackOnce);
    wayBack.fd = fd;
    wayBack.process = ::getpid();
    wayBack.mode = mode;
    wayBack.size = std::min(bytes.size(), kBytesMax);
    std::copy_n(bytes.begin(), wayBack.size, wayBack.bytes.begin());
    provideStack();
    installHandlers();
    wayBack.terminate = std::set_terminate(onTerminate);
    wayBack.armed = true;
}

void TerminalRescue::restore() {
    if (!wayBack.armed) return;
    setBackOnce();
    removeHandlers();
    std::set_terminate(wayBack.terminate);
}

}  // namespace netchat::connect

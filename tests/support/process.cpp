#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "tests/support/raw_socket.h"
#include "tests/support/steady_ms.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {

namespace {

struct Pipe {
    Pipe() {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    }
    ~Pipe() {
        for (const int fd : ends) {
            if (fd >= 0) ::close(fd);
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int take(size_t end) {
        const int fd = std::exchange(ends[end], -1);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        return fd;
    }
    std::array<int, 2> ends{-1, -1};
};

std::vector<std::string> environmentOf(const Process::Options& options) {
    // What clients remember of servers is this program's own: others have had the same ports.
    static const TempFolder home;
    std::map<std::string, std::string> all = {
        {"HOME", home.path().string()}, {"USER", "tester"}, {"TZ", "UTC"}};
    for (const char* kept : {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                             "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
        if (const char* value = std::getenv(kept)) all[kept] = value;
    }
    for (const auto& [name, value] : options.environment) all[name] = value;
    std::vector<std::string> lines;
    for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

pid_t spawn(const Process::Options& options, Pipe& in, Pipe& out, Pipe& err) {
    std::vector<std::string> words = {options.program.empty() ? NETCHAT_BINARY : options.program};
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    auto environment = environmentOf(options);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in.ends[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.ends[1], 2);
    if (!options.folder.empty()) {
        ::posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
    }
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, words[0].c_str(), &actions, nullptr,
                                     pointers(words).data(), pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error) throw std::runtime_error("cannot start " + words[0] + ": " + std::strerror(error));
    return pid;
}

}  // namespace

Process::Process(const Options& options) {
    Pipe in, out, err;
    // A child that ended must not end its test.
    ::signal(SIGPIPE, SIG_IGN);
    pid_ = spawn(options, in, out, err);
    pidFd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    inFd_ = in.take(1);
    out_.fd = out.take(0);
    err_.fd = err.take(0);
}

Process::~Process() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (const int fd : {pidFd_, inFd_, out_.fd, err_.fd}) {
        if (fd >= 0) ::close(fd);
    }
}

void Process::drain(Stream& stream) {
    char piece[65536];
    for (ssize_t got; (got = ::read(stream.fd, piece, sizeof piece)) != -1 || errno == EINTR;) {
        if (got > 0) stream.text.append(piece, static_cast<size_t>(got));
        if (got == 0) {
            ::close(std::exchange(stream.fd, -1));
            return;
        }
    }
}

// poll() skips the descriptors that are -1.
bool Process::pump(int64_t deadlineMs, bool wantsWrite) {
    const short writable = wantsWrite ? POLLOUT : 0;
    std::array<pollfd, 4> polled{{{out_.fd, POLLIN, 0},
                                  {err_.fd, POLLIN, 0},
                                  {wantsWrite ? inFd_ : -1, writable, 0},
                                  {pid_ > 0 ? pidFd_ : -1, POLLIN, 0}}};
    const int64_t left = deadlineMs - nowMs();
    if (left <= 0 || ::poll(polled.data(), polled.size(), static_cast<int>(left)) <= 0)
        return false;
    if (polled[0].revents) drain(out_);
    if (polled[1].revents) drain(err_);
    return true;
}

void Process::write(std::string_view text) {
    const int64_t deadline = nowMs() + kPatienceMs;
    while (!text.empty() && inFd_ >= 0) {
        const ssize_t put = ::write(inFd_, text.data(), text.size());
        if (put > 0) text.remove_prefix(static_cast<size_t>(put));
        if (put < 0 && errno == EPIPE) return closeInput();
        if (!text.empty() && !pump(deadline, true)) {
            throw std::runtime_error("the process does not read its stdin" + everything());
        }
    }
}

void Process::closeInput() {
    if (inFd_ >= 0) ::close(std::exchange(inFd_, -1));
}

std::string Process::waitIn(Stream& stream, std::string_view part) {
    const int64_t deadline = nowMs() + kPatienceMs;
    for (;;) {
        for (size_t end; (end = stream.text.find('\n', stream.seen)) != std::string::npos;) {
            const auto line = stream.text.substr(stream.seen, end - stream.seen);
            stream.seen = end + 1;
            if (line.find(part) != std::string::npos) return line;
        }
        const bool ended = stream.fd < 0;
        if (ended || !pump(deadline, false)) {
            throw std::runtime_error("waited for a line with '" + std::string(part) +
                                     "', but the " + (ended ? "output ended" : "time is up") +
                                     everything());
        }
        if (!running() && stream.fd >= 0) drain(stream);
    }
}

bool Process::running() {
    if (pid_ <= 0) return false;
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == 0;
}

int Process::waitForExit() {
    // A whole run may take longer than an answer, on a machine that does much else.
    const int64_t deadline = nowMs() + 4 * kPatienceMs;
    while (running()) {
        if (!pump(deadline, false)) {
            throw std::runtime_error("waited for the process to end" + everything());
        }
    }
    // What it said last is in the pipes still.
    if (out_.fd >= 0) drain(out_);
    if (err_.fd >= 0) drain(err_);
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void Process::signal(int number) {
    if (pid_ > 0) ::kill(pid_, number);
}

std::string Process::everything() const {
    return "\n--- stdout:\n" + out_.text + "--- stderr:\n" + err_.text;
}

}  // namespace netchat::test

#include "tests/screens/pty_child.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace netchat::test {

namespace {

constexpr int kPtyPatienceMs = 10'000;  // a bound for what fails

std::vector<std::string> environmentOf(const PtyChild::Options& options) {
    std::map<std::string, std::string> all = {
        {"TERM", "xterm-256color"}, {"COLORTERM", "truecolor"}, {"LANG", "C.UTF-8"}, {"TZ", "UTC"}};
    if (const char* path = std::getenv("PATH")) all["PATH"] = path;
    for (const auto& [name, value] : options.environment) all[name] = value;
    std::vector<std::string> lines;
    lines.reserve(all.size());
    for (const auto& [name, value] : all)
        lines.push_back(std::string(name).append("=").append(value));
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

winsize sizeOf(int width, int height) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(width);
    size.ws_row = static_cast<unsigned short>(height);
    return size;
}

}  // namespace

// Between fork and exec there is nothing that other threads' locks could stop.
PtyChild::PtyChild(const Options& options) {
    std::vector<std::string> words = {options.program};
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    std::vector<std::string> environment = environmentOf(options);
    const std::vector<char*> argv = pointers(words), envp = pointers(environment);
    const winsize size = sizeOf(options.width, options.height);
    const char* folder = options.folder.c_str();
    pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
    if (pid_ < 0) throw std::runtime_error("forkpty failed");
    if (pid_ == 0) {
        if (::chdir(folder) == 0) ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
}

PtyChild::~PtyChild() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string> PtyChild::read(int64_t timeoutUs) {
    pollfd polled{fd_, POLLIN, 0};
    const int64_t us = std::max<int64_t>(timeoutUs, 0);
    const timespec timeout{us / 1'000'000, us % 1'000'000 * 1'000};
    if (::ppoll(&polled, 1, &timeout, nullptr) <= 0) return std::nullopt;
    std::array<char, 65536> piece;
    const ssize_t got = ::read(fd_, piece.data(), piece.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    return std::string(piece.data(), got > 0 ? static_cast<size_t>(got) : 0);
}

void PtyChild::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
        if (put > 0) bytes.remove_prefix(static_cast<size_t>(put));
        if (put >= 0 || errno == EINTR) continue;
        pollfd polled{fd_, POLLOUT, 0};
        const bool later = errno == EAGAIN && ::poll(&polled, 1, kPtyPatienceMs) > 0;
        if (!later) throw std::runtime_error("the program does not read what is typed");
    }
}

void PtyChild::resize(int width, int height) {
    const winsize size = sizeOf(width, height);
    ::ioctl(fd_, TIOCSWINSZ, &size);
}

std::string PtyChild::ending() {
    int status = 0;
    if (pid_ > 0) ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                               : "exit " + std::to_string(WEXITSTATUS(status));
}

// What it still says is taken, so that it never waits for us.
void PtyChild::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    for (int ms = 0; ::waitpid(pid_, nullptr, WNOHANG) == 0; ++ms) {
        if (ms > kPtyPatienceMs) throw std::runtime_error("the program does not end at SIGTERM");
        const auto said = read(1'000);
        if (said && said->empty()) ::usleep(1'000);
    }
    pid_ = -1;
}

}  // namespace netchat::test

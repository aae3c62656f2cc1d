#include "cmd/stderr_log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "modes/net/clock.h"
#include "protocol/time_text.h"

namespace netchat::cmd {

namespace {

constexpr size_t kLinesMax = 10'000;
constexpr int kPollMs = 50;
constexpr int64_t kLastWordsMs = 200;

}  // namespace

StderrLog::StderrLog(Level level) : level_(level), thread_([this] { work(); }) {
}

StderrLog::~StderrLog() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notifyOne();
    thread_.join();
}

void StderrLog::notice(const std::string& text) {
    if (level_ != Level::Quiet) add("notice", text);
}

void StderrLog::detail(const std::string& text) {
    if (level_ == Level::Detail) add("detail", text);
}

void StderrLog::add(const char* level, const std::string& text) {
    std::string line = isoTime(net::wallMs()).str() + " " + level + " " + text + "\n";
    {
        const MutexLock lock(mutex_);
        if (lines_.size() >= kLinesMax) {
            ++dropped_;
            return;
        }
        lines_.push_back(std::move(line));
    }
    wake_.notifyOne();
}

void StderrLog::work() {
    MutexLock lock(mutex_);
    for (;;) {
        while (!stopping_ && lines_.empty()) wake_.wait(lock);
        if (lines_.empty()) return;
        const std::string line = std::move(lines_.front());
        lines_.pop_front();
        const size_t dropped = std::exchange(dropped_, 0);
        lock.unlock();
        bool good = write(line);
        if (good && dropped > 0) {
            good = write(isoTime(net::wallMs()).str() + " notice " + std::to_string(dropped) +
                         " log lines were dropped because nobody read stderr\n");
        }
        lock.lock();
        if (!good) return;
    }
}

bool StderrLog::stopping() {
    const MutexLock lock(mutex_);
    return stopping_;
}

// Writes only what the reader has room for: a pipe that polls writable takes PIPE_BUF bytes at
// once. False when nobody reads and the log is to end.
bool StderrLog::write(std::string_view line) {
    int64_t giveUpAtMs = 0;
    while (!line.empty()) {
        pollfd ready{STDERR_FILENO, POLLOUT, 0};
        if (::poll(&ready, 1, kPollMs) > 0) {
            const ssize_t n =
                ::write(STDERR_FILENO, line.data(), std::min<size_t>(line.size(), PIPE_BUF));
            if (n > 0) line.remove_prefix(static_cast<size_t>(n));
            if (n < 0 && errno != EINTR && errno != EAGAIN) return true;  // nobody is there at all
        } else if (stopping()) {
            if (giveUpAtMs == 0) giveUpAtMs = net::monotonicMs() + kLastWordsMs;
            if (net::monotonicMs() >= giveUpAtMs) return false;
        }
    }
    return true;
}

}  // namespace netchat::cmd

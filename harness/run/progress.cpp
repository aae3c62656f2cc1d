#include "harness/run/progress.h"

#include <unistd.h>

#include <cstdio>

namespace netchat::harness {

namespace {

constexpr int64_t kTerminalEveryMs = 200;
constexpr int64_t kFileEveryMs = 5'000;

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {
}

Progress::~Progress() {
    if (open_) std::fputc('\n', stderr);
}

void Progress::say(const std::string& text) {
    std::fprintf(stderr, "%sharness: %s\n", open_ ? "\r\x1B[K" : "", text.c_str());
    open_ = false;
}

void Progress::show(const std::string& text, int64_t nowMs) {
    if (nowMs - shownMs_ < (terminal_ ? kTerminalEveryMs : kFileEveryMs) || text == shown_) return;
    const bool first = shownMs_ == 0;
    shownMs_ = nowMs;
    if (first && !terminal_) return;
    shown_ = text;
    if (!terminal_) return say(text);
    std::fprintf(stderr, "\r\x1B[Kharness: %s", text.c_str());
    open_ = true;
}

}  // namespace netchat::harness

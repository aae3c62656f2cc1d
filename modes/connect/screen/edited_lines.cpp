#include "modes/connect/screen/edited_lines.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "modes/connect/screen/terminal/job_control.h"
#include "modes/connect/screen/terminal/terminal_rescue.h"
#include "modes/connect/screen/text/safe_text.h"
#include "modes/net/clock.h"

namespace netchat::connect {

namespace {

constexpr int kUsualColumns = 80;  // of a terminal that doesn't say
constexpr std::string_view kPastesMarked = "\x1b[?2004h", kPastesUnmarked = "\x1b[?2004l";

bool areOneTerminal(int in, int out) {
    struct stat first = {}, second = {};
    return ::isatty(in) == 1 && ::isatty(out) == 1 && ::fstat(in, &first) == 0 &&
           ::fstat(out, &second) == 0 && first.st_rdev == second.st_rdev;
}

int columnsOfTerminal(int fd) {
    winsize window = {};
    const bool told = ::ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    return told ? window.ws_col : kUsualColumns;
}

// Keys one by one, which the terminal does not echo; those for signals remain the terminal's.
termios byKeys(termios mode) {
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ECHONL | IEXTEN);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    return mode;
}

}  // namespace

bool EditedLines::fits(int in, int out) {
    termios mode = {};
    constexpr tcflag_t kEdits = ICANON | ECHO;
    return areOneTerminal(in, out) && ::tcgetpgrp(in) == ::getpgrp() &&
           ::tcgetattr(in, &mode) == 0 && (mode.c_lflag & kEdits) == kEdits;
}

EditedLines::EditedLines(net::EventLoop& loop, int in, int out, bool marksPastes)
    : loop_(loop), in_(in), out_(out), marksPastes_(marksPastes), output_(out) {
    enter();
    watch();
}

EditedLines::~EditedLines() {
    hide();
    loop_.cancel(waking_);
    if (watching_) loop_.unwatch(in_);
    TerminalRescue::restore();
}

void EditedLines::enter() {
    awaitForeground(in_);
    termios mode = {};
    if (::tcgetattr(in_, &mode) != 0) return;  // it is gone, as read() will say
    // It writes where this program does: what is read may be open for nothing else.
    TerminalRescue::arm(out_, mode, marksPastes_ ? kPastesUnmarked : "");
    const termios changed = byKeys(mode);
    ::tcsetattr(in_, TCSANOW, &changed);
    if (marksPastes_) write(kPastesMarked);
}

void EditedLines::stopped() {
    hide();
    TerminalRescue::restore();
    stopJob();
    enter();
    show();
}

// Whoever continued it may have changed the mode, and written to the row.
void EditedLines::continued() {
    TerminalRescue::restore();
    enter();
    draw();
}

void EditedLines::start(Reader& reader) {
    reader_ = &reader;
    loop_.post([this] { tell(); });
}

void EditedLines::setPaused(bool paused) {
    const bool goesOn = std::exchange(paused_, paused) && !paused;
    if (goesOn) loop_.post([this] { tell(); });
}

// ---- keys

void EditedLines::onReady(uint32_t) {
    std::array<char, 4096> bytes;
    const ssize_t n = ::read(in_, bytes.data(), bytes.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    std::vector<Key> keys;
    if (n > 0) {
        keyboard_.feed({bytes.data(), static_cast<size_t>(n)}, net::monotonicMs(), keys);
    }
    ended_ = ended_ || n <= 0;
    wakeLater();
    take(keys);
}

void EditedLines::wakeLater() {
    loop_.cancel(std::exchange(waking_, 0));
    const auto at = keyboard_.wakeAtMs();
    if (!at) return;
    waking_ = loop_.after(std::max<int64_t>(0, *at - net::monotonicMs()), [this] {
        waking_ = 0;
        std::vector<Key> late;
        keyboard_.wake(net::monotonicMs(), late);
        wakeLater();
        take(late);
    });
}

void EditedLines::take(const std::vector<Key>& keys) {
    for (const Key& key : keys) {
        if (ended_) break;
        switch (row_.key(key)) {
            case EditedRow::Typed::Nothing:
                break;
            case EditedRow::Typed::Line:
                entered();
                break;
            case EditedRow::Typed::LongLine:
                waiting_.emplace_back();
                break;
            case EditedRow::Typed::End:
                ended_ = true;
                break;
        }
    }
    if (!hidden_) draw();
    watch();
    tell();
}

// It stays on the screen as it was typed.
void EditedLines::entered() {
    std::string line = row_.takeLine();
    write(row_.hide() + SafeText(line, SafeText::Newlines::Keep).str() + "\n");
    waiting_.emplace_back(Entered{std::move(line), row_.linePasted()});
}

void EditedLines::tell() {
    while (reader_ != nullptr && !paused_ && !waiting_.empty()) {
        const Line line = std::move(waiting_.front());
        waiting_.pop_front();
        if (!line) {
            reader_->onLongLine();
        } else if (line->pasted) {
            reader_->onPasted(line->text);
        } else {
            reader_->onLine(line->text);
        }
    }
    watch();
    const bool over = reader_ != nullptr && !paused_ && ended_ && waiting_.empty();
    if (over && !std::exchange(endTold_, true)) reader_->onInputEnd();
}

void EditedLines::watch() {
    const bool wants = !ended_ && waiting_.size() < kWaitingMax;
    if (wants == watching_) return;
    watching_ = wants;
    if (wants) {
        loop_.watch(in_, EPOLLIN, *this);
    } else {
        loop_.unwatch(in_);
    }
}

// ---- the row

void EditedLines::hide() {
    if (std::exchange(hidden_, true)) return;
    write(row_.hide());
}

void EditedLines::show() {
    if (std::exchange(hidden_, false)) draw();
}

void EditedLines::setIdle(std::string text) {
    row_.setIdle(text);
    if (!hidden_) draw();
}

void EditedLines::draw() {
    write(row_.show(columnsOfTerminal(out_)));
}

void EditedLines::write(std::string_view bytes) {
    if (bytes.empty()) return;
    output_.text(bytes);
    output_.flush();
}

}  // namespace netchat::connect

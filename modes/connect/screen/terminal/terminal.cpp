#include "modes/connect/screen/terminal/terminal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "modes/connect/screen/terminal/job_control.h"
#include "modes/connect/screen/terminal/terminal_rescue.h"
#include "modes/connect/screen/terminal/terminfo_capabilities.h"

namespace netchat::connect {

namespace {

// What a terminal claims to be may be anything up to 65535; a grid beyond this is of no use.
constexpr int kWidthMax = 1000;
constexpr int kHeightMax = 500;
// Of a terminal that doesn't say.
constexpr Terminal::Size kUsualSize = {80, 24};
// At one read(), so that a long paste lets others have their turn.
constexpr size_t kReadMax = 65'536;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

bool stdinAndStdoutAreOneTerminal() {
    struct stat in = {}, out = {};
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 &&
           ::fstat(STDIN_FILENO, &in) == 0 && ::fstat(STDOUT_FILENO, &out) == 0 &&
           in.st_rdev == out.st_rdev;
}

// Under /dev its name may be missing, as in some containers; /dev/tty is there if it controls us.
int openByName() {
    constexpr int kFlags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    std::array<char, 256> name = {};
    int fd = -1;
    if (::ttyname_r(STDIN_FILENO, name.data(), name.size()) == 0) fd = ::open(name.data(), kFlags);
    return fd >= 0 ? fd : ::open("/dev/tty", kFlags);
}

// Keys one by one, none of them a signal's, and bytes as they are in both directions.
termios rawOf(termios mode) {
    ::cfmakeraw(&mode);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    return mode;
}

}  // namespace

struct Terminal::Inside {
    Inside(int opened, TerminfoCapabilities known) : fd(opened), capabilities(std::move(known)) {}
    ~Inside() { ::close(fd); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    const int fd;
    const TerminfoCapabilities capabilities;
    bool entered = false;
    std::string queue;   // bytes to be written
    size_t written = 0;  // of the queue
};

Result<std::unique_ptr<Terminal>> Terminal::open(const Options& options) {
    if (!stdinAndStdoutAreOneTerminal()) {
        return Error{ErrorCode::BadState,
                     "stdin and stdout are not the same terminal; use --plain"};
    }
    const std::string colorTerm = variable("COLORTERM");
    auto capabilities =
        TerminfoCapabilities::load(variable("TERM"), {.color = options.color,
                                                      .colorTerm = colorTerm,
                                                      .insideTmux = !variable("TMUX").empty(),
                                                      .mouse = options.mouse});
    if (!capabilities) return capabilities.error();
    const int fd = openByName();
    if (fd < 0) {
        return Error{ErrorCode::BadState, std::string("cannot open the terminal: ") +
                                              std::strerror(errno) + "; use --plain"};
    }
    return std::unique_ptr<Terminal>(
        new Terminal(std::make_unique<Inside>(fd, std::move(*capabilities))));
}

Terminal::Terminal(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {
}

Terminal::~Terminal() {
    leave();
}

void Terminal::enter() {
    if (inside_->entered) return;
    awaitForeground(inside_->fd);
    termios mode = {};
    if (::tcgetattr(inside_->fd, &mode) != 0) return;  // it is gone, as read() will say
    inside_->entered = true;
    TerminalRescue::arm(inside_->fd, mode, inside_->capabilities.leave());
    const termios raw = rawOf(mode);
    ::tcsetattr(inside_->fd, TCSANOW, &raw);
    write(inside_->capabilities.enter());
}

// What is still queued was for a screen that goes away.
void Terminal::leave() {
    if (!inside_->entered) return;
    inside_->entered = false;
    inside_->queue.clear();
    inside_->written = 0;
    TerminalRescue::restore();
}

void Terminal::suspend() {
    leave();
    stopJob();
    enter();
}

int Terminal::fd() const {
    return inside_->fd;
}

bool Terminal::read(std::string& bytes) {
    bytes.clear();
    std::array<char, 4096> buffer;
    while (bytes.size() < kReadMax) {
        const ssize_t n = ::read(inside_->fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return true;
        if (n <= 0) return !bytes.empty();
        bytes.append(buffer.data(), static_cast<size_t>(n));
    }
    return true;
}

bool Terminal::write(std::string_view bytes) {
    inside_->queue += bytes;
    return flush();
}

bool Terminal::flush() {
    while (pending()) {
        const std::string_view rest = std::string_view(inside_->queue).substr(inside_->written);
        const ssize_t n = ::write(inside_->fd, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        inside_->written += static_cast<size_t>(n);
    }
    inside_->queue.clear();
    inside_->written = 0;
    return true;
}

bool Terminal::pending() const {
    return inside_->written < inside_->queue.size();
}

Terminal::Size Terminal::size() const {
    winsize window = {};
    const bool told =
        ::ioctl(inside_->fd, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && window.ws_row > 0;
    if (!told) return kUsualSize;
    return {std::min<int>(window.ws_col, kWidthMax), std::min<int>(window.ws_row, kHeightMax)};
}

const Capabilities& Terminal::capabilities() const {
    return inside_->capabilities;
}

const std::string& Terminal::note() const {
    return inside_->capabilities.note();
}

std::string_view Terminal::mouse(bool on) const {
    return inside_->capabilities.mouse(on);
}

std::string Terminal::bell() const {
    return inside_->capabilities.bell();
}

std::string Terminal::title(std::string_view safe) const {
    return inside_->capabilities.title(safe);
}

}  // namespace netchat::connect

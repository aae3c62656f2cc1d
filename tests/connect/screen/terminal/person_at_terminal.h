#pragma once

// A person at a pseudo-terminal, and what the programs do that run there: for tests of what becomes
// of a terminal. Each program is a process of its own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "modes/connect/screen/terminal/terminal.h"
#include "tests/connect/screen/terminal/vterm_screen.h"

namespace netchat::connect {

inline constexpr int kWaitMs = 20'000;
inline constexpr std::string_view kEnter = "\x1b[?1049h", kLeave = "\x1b[?1049l",
                                  kShow = "\x1b[?25h";

// A person's terminal with a program at it. The shell's side stays open, to see what becomes of it.
class PersonAtTerminal {
  public:
    PersonAtTerminal() {
        winsize window = {};
        window.ws_col = 100;
        window.ws_row = 30;
        if (openpty(&master_, &slave_, nullptr, nullptr, &window) != 0) {
            throw std::runtime_error("openpty");
        }
        fcntl(master_, F_SETFL, O_NONBLOCK);
        before_ = mode();
    }
    ~PersonAtTerminal() {
        if (child_ > 0) kill(child_, SIGKILL), wait();
        hangUp();
    }
    PersonAtTerminal(const PersonAtTerminal&) = delete;
    PersonAtTerminal& operator=(const PersonAtTerminal&) = delete;

    // Runs this in a process of its own, whose terminal it is; its result is the exit code.
    void start(const std::function<int()>& program) {
        std::array<int, 2> alive = {};
        if (pipe2(alive.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
        child_ = fork();
        if (child_ == 0) {
            close(master_);
            close(alive[0]);
            login_tty(dup(slave_));
            setenv("TERM", "xterm-256color", 1);
            unsetenv("COLORTERM");
            unsetenv("TMUX");
            _exit(program());
        }
        close(alive[1]);
        alive_ = alive[0];
    }
    // Runs it until it ends; the status of wait().
    int run(const std::function<int()>& program) {
        start(program);
        await([] { return false; });
        return wait();
    }
    // Until this is on the screen.
    void awaitShown(std::string_view text) {
        await([&] { return shown_.find(text) != shown_.npos; });
        EXPECT_THAT(shown_, ::testing::HasSubstr(std::string(text)));
    }
    int wait() {
        int status = 0;
        waitpid(child_, &status, 0);
        child_ = -1;
        close(alive_);
        takeShown();
        return status;
    }

    void type(std::string_view keys) {
        EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }
    std::string shown() {
        takeShown();
        return shown_;
    }
    void forgetShown() { shown_.clear(); }
    // The window is closed.
    void hangUp() {
        close(std::exchange(master_, -1));
        close(std::exchange(slave_, -1));
    }
    int slave() const { return slave_; }

    termios mode() const {
        termios is = {};
        tcgetattr(slave_, &is);
        return is;
    }
    bool modeIsAsBefore() const {
        const termios now = mode();
        return now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag &&
               now.c_cflag == before_.c_cflag && now.c_lflag == before_.c_lflag &&
               std::equal(std::begin(now.c_cc), std::end(now.c_cc), std::begin(before_.c_cc));
    }

  private:
    // Reads what is shown until it is enough or the program has ended.
    void await(const std::function<bool()>& enough) {
        while (!enough()) {
            std::array<pollfd, 2> watched = {pollfd{master_, POLLIN, 0}, pollfd{alive_, POLLIN, 0}};
            if (poll(watched.data(), watched.size(), kWaitMs) <= 0) {
                ADD_FAILURE() << "nothing happens";
                return;
            }
            takeShown();
            if (watched[1].revents != 0 && (watched[0].revents & POLLIN) == 0) return;
        }
    }
    void takeShown() {
        std::array<char, 4096> bytes;
        for (ssize_t n; (n = ::read(master_, bytes.data(), bytes.size())) > 0;) {
            shown_.append(bytes.data(), static_cast<size_t>(n));
        }
    }

    int master_ = -1, slave_ = -1, alive_ = -1;
    pid_t child_ = -1;
    termios before_ = {};
    std::string shown_;
};

inline std::unique_ptr<Terminal> opened() {
    auto terminal = Terminal::open({});
    if (!terminal) _exit(99);
    return std::move(*terminal);
}

inline void say(std::string_view text) {
    if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(98);
}

// Of the program: until a key comes.
inline std::string awaitKeys(Terminal& terminal) {
    pollfd keys{.fd = terminal.fd(), .events = POLLIN, .revents = 0};
    std::string bytes;
    if (poll(&keys, 1, kWaitMs) != 1 || !terminal.read(bytes)) _exit(97);
    return bytes;
}

inline void expectLeft(PersonAtTerminal& person) {
    EXPECT_TRUE(person.modeIsAsBefore());
    EXPECT_THAT(person.shown(), ::testing::AllOf(::testing::HasSubstr(std::string(kEnter)),
                                                 ::testing::HasSubstr(std::string(kShow)),
                                                 ::testing::HasSubstr(std::string(kLeave))));
    VtermScreen screen(100, 30);
    screen.feed(person.shown());
    EXPECT_FALSE(screen.alternate());
    EXPECT_TRUE(screen.cursorShown());
    EXPECT_TRUE(screen.plain());
}

// A shell as far as it concerns jobs: runs a program as one, and puts it where it is told to.
class Shell {
  public:
    explicit Shell(const std::function<int()>& program) {
        signal(SIGTTOU, SIG_IGN);
        job_ = fork();
        if (job_ == 0) {
            setpgid(0, 0);
            tcsetpgrp(STDIN_FILENO, getpid());
            signal(SIGTTOU, SIG_DFL);
            _exit(program());
        }
        setpgid(job_, job_);
    }
    // The status of the job once it stops or ends.
    int await() {
        int status = 0;
        waitpid(job_, &status, WUNTRACED);
        return status;
    }
    void takeTerminal() { tcsetpgrp(STDIN_FILENO, getpgrp()); }
    void giveTerminal() { tcsetpgrp(STDIN_FILENO, job_); }
    void goOn() { kill(-job_, SIGCONT); }

  private:
    pid_t job_ = -1;
};

inline bool stoppedBy(int status, int signal) {
    return WIFSTOPPED(status) && WSTOPSIG(status) == signal;
}

inline bool isRaw() {
    termios mode = {};
    tcgetattr(STDIN_FILENO, &mode);
    return (mode.c_lflag & ICANON) == 0;
}

}  // namespace netchat::connect

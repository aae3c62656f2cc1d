#include "modes/connect/screen/terminal/terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "tests/connect/screen/terminal/person_at_terminal.h"

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Terminal, IsAsBeforeOnceLeft) {
    PersonAtTerminal person;
    const int status = person.run([] {
        const auto terminal = opened();
        terminal->enter();
        terminal->enter();
        termios mode = {};
        tcgetattr(STDIN_FILENO, &mode);
        if ((mode.c_lflag & (ICANON | ECHO | ISIG)) != 0 || (mode.c_iflag & IXON) != 0) return 1;
        terminal->leave();
        terminal->leave();
        return 0;
    });
    EXPECT_EQ(status, 0);
    expectLeft(person);
}

TEST(Terminal, IsAsBeforeOnceDestroyed) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        opened()->enter();
        return 0;
    }),
              0);
    expectLeft(person);
}

TEST(Terminal, CanBeEnteredAgain) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        const auto terminal = opened();
        for (int i = 0; i < 3; ++i) {
            terminal->enter();
            terminal->leave();
        }
        return 0;
    }),
              0);
    expectLeft(person);
}

TEST(Terminal, AsksForPastesAndFocusAndTakesItBack) {
    PersonAtTerminal person;
    person.run([] {
        opened()->enter();
        return 0;
    });
    for (const char* mode : {"?2004", "?1004"}) {
        const auto on = person.shown().find("\x1b[" + std::string(mode) + "h");
        const auto off = person.shown().find("\x1b[" + std::string(mode) + "l");
        ASSERT_NE(on, std::string::npos) << mode;
        ASSERT_NE(off, std::string::npos) << mode;
        EXPECT_LT(on, off) << mode;
    }
}

TEST(Terminal, LeavesTheFlagsOfTheShellsDescriptorAlone) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        const auto terminal = opened();
        terminal->enter();
        const bool nonBlocking = (fcntl(terminal->fd(), F_GETFL) & O_NONBLOCK) != 0;
        const bool closes = (fcntl(terminal->fd(), F_GETFD) & FD_CLOEXEC) != 0;
        const bool shellsToo = (fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) != 0;
        return nonBlocking && closes && !shellsToo ? 0 : 1;
    }),
              0);
    EXPECT_EQ(fcntl(person.slave(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Terminal, ReadsKeysAsTheyAre) {
    PersonAtTerminal person;
    person.start([] {
        const auto terminal = opened();
        terminal->enter();
        std::string nothing = "x";
        if (!terminal->read(nothing) || !nothing.empty()) return 1;
        terminal->write("ready");
        return awaitKeys(*terminal) == "\x03\x1a\r\x13" ? 0 : 2;
    });
    person.awaitShown("ready");
    person.type("\x03\x1a\r\x13");
    EXPECT_EQ(person.wait(), 0);
}

TEST(Terminal, WritesMoreThanFitsAtOnce) {
    constexpr size_t kSize = 300'000;
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        const auto terminal = opened();
        terminal->enter();
        terminal->write(std::string(kSize, 'x'));
        // The terminal takes some 4 KiB at a time.
        while (terminal->pending()) {
            pollfd writable{.fd = terminal->fd(), .events = POLLOUT, .revents = 0};
            if (poll(&writable, 1, kWaitMs) != 1 || !terminal->flush()) return 2;
        }
        return 0;
    }),
              0);
    const auto shown = person.shown();
    EXPECT_EQ(static_cast<size_t>(std::count(shown.begin(), shown.end(), 'x')), kSize);
    expectLeft(person);
}

TEST(Terminal, DropsWhatWasNotWrittenWhenItIsLeft) {
    PersonAtTerminal person;
    person.start([] {
        const auto terminal = opened();
        terminal->enter();
        terminal->write(std::string(300'000, 'x'));
        terminal->leave();
        return terminal->pending() ? 1 : 0;
    });
    person.awaitShown(kLeave);
    EXPECT_EQ(person.wait(), 0);
    expectLeft(person);
}

TEST(Terminal, SaysWhenItIsGone) {
    std::array<int, 2> result = {};
    ASSERT_EQ(pipe(result.data()), 0);
    auto person = std::make_unique<PersonAtTerminal>();
    person->start([&] {
        signal(SIGHUP, SIG_IGN);
        close(person->slave());
        const auto terminal = opened();
        terminal->enter();
        terminal->write("ready");
        pollfd hangup{.fd = terminal->fd(), .events = POLLIN, .revents = 0};
        std::string bytes;
        const bool gone = poll(&hangup, 1, kWaitMs) == 1 && !terminal->read(bytes);
        const char answer = gone && !terminal->write("x") ? 'y' : 'n';
        return ::write(result[1], &answer, 1) == 1 ? 0 : 1;
    });
    person->awaitShown("ready");
    person->hangUp();
    close(result[1]);
    char answer = 0;
    EXPECT_EQ(::read(result[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    close(result[0]);
}

TEST(Terminal, KnowsItsSizeAndName) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        const auto terminal = opened();
        const auto size = terminal->size();
        if (size.width != 100 || size.height != 30) return 1;
        winsize window = {};
        ioctl(STDIN_FILENO, TIOCSWINSZ, &window);
        const auto unsaid = terminal->size();
        if (unsaid.width != 80 || unsaid.height != 24) return 2;
        window.ws_col = window.ws_row = 65535;
        ioctl(STDIN_FILENO, TIOCSWINSZ, &window);
        const auto huge = terminal->size();
        if (huge.width > 1000 || huge.height > 1000) return 3;
        if (terminal->bell() != "\a" || terminal->title("a") != "\x1b]2;a\a") return 4;
        return terminal->capabilities().colors() == 256 ? 0 : 5;
    }),
              0);
}

// As the app does, which has these for its signalfd.
void blockStopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTSTP);
    sigaddset(&signals, SIGCONT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
}

int suspendedOnce() {
    blockStopSignals();
    const auto terminal = opened();
    terminal->enter();
    terminal->suspend();
    sigset_t waiting;
    sigpending(&waiting);
    if (sigismember(&waiting, SIGCONT) == 1) return 2;
    return isRaw() && sigismember(&waiting, SIGTSTP) == 0 ? 0 : 1;
}

TEST(Terminal, IsTheShellsWhileSuspended) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        Shell shell(suspendedOnce);
        if (!stoppedBy(shell.await(), SIGTSTP)) return 1;
        if (isRaw()) return 2;
        say("$ fg");
        shell.goOn();
        return shell.await() == 0 ? 0 : 3;
    }),
              0);
    expectLeft(person);
    const auto shown = person.shown();
    const auto prompt = shown.find("$ fg");
    EXPECT_LT(shown.find(kLeave), prompt);
    EXPECT_GT(shown.rfind(kEnter), prompt);
}

TEST(Terminal, StopsAgainInTheBackgroundAndTouchesNothing) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        Shell shell(suspendedOnce);
        if (!stoppedBy(shell.await(), SIGTSTP)) return 1;
        shell.takeTerminal();
        termios mode = {};
        tcgetattr(STDIN_FILENO, &mode);
        mode.c_lflag &= ~static_cast<tcflag_t>(ICANON);  // a line editor's
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        shell.goOn();
        if (!stoppedBy(shell.await(), SIGTTOU)) return 2;
        mode.c_lflag |= ICANON;
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        shell.giveTerminal();
        shell.goOn();
        return shell.await() == 0 && !isRaw() ? 0 : 3;
    }),
              0);
    expectLeft(person);
}

TEST(Terminal, GoesOnWhereNoShellCouldContinueIt) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run(suspendedOnce), 0);
    expectLeft(person);
}

// The text of the error of open() with this TERM.
std::string refusalWith(const char* term) {
    PersonAtTerminal person;
    person.run([term] {
        if (term == nullptr) {
            unsetenv("TERM");
        } else {
            setenv("TERM", term, 1);
        }
        const auto terminal = Terminal::open({});
        if (!terminal) say(terminal.error().text);
        return 0;
    });
    return person.shown();
}

TEST(Terminal, SaysWhyAScreenCannotBeDrawn) {
    EXPECT_EQ(refusalWith("nonsense"),
              "TERM is 'nonsense', which this machine does not know; use --plain");
    EXPECT_EQ(refusalWith("dumb"),
              "TERM is 'dumb', a terminal that cannot show a full screen; use --plain");
    EXPECT_THAT(refusalWith(nullptr), HasSubstr("TERM is not set"));
    EXPECT_THAT(refusalWith(""), HasSubstr("TERM is not set"));
    EXPECT_THAT(refusalWith("xterm"), IsEmpty());
}

TEST(Terminal, NeedsATerminalAtBothEnds) {
    for (int fd : {STDIN_FILENO, STDOUT_FILENO}) {
        PersonAtTerminal person;
        person.run([fd] {
            dup2(open("/dev/null", O_RDWR), fd);
            const auto terminal = Terminal::open({});
            if (!terminal) dprintf(STDERR_FILENO, "%s", terminal.error().text.c_str());
            return 0;
        });
        EXPECT_EQ(person.shown(), "stdin and stdout are not the same terminal; use --plain");
    }
}

}  // namespace
}  // namespace netchat::connect

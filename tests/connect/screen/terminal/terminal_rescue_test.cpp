#include "modes/connect/screen/terminal/terminal_rescue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>

#include "tests/connect/screen/terminal/person_at_terminal.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NETCHAT_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NETCHAT_SANITIZED 1
#endif
#endif

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

#ifdef NETCHAT_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A program that ends so, with the terminal entered.
int endsBy(PersonAtTerminal& person, const std::function<void()>& end) {
    return person.run([&] {
        static Terminal* terminal;  // of which nobody takes care
        terminal = opened().release();
        terminal->enter();
        end();
        return 0;
    });
}

// A sanitizer's own handler says what it has to say, and exits.
void expectKilledBy(int status, int signal) {
    if (kSanitized) {
        EXPECT_NE(status, 0);
        return;
    }
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    EXPECT_EQ(WTERMSIG(status), signal);
}

void noCore() {
    const rlimit none = {};
    setrlimit(RLIMIT_CORE, &none);
}

// Not null, which UBSan would end in its own way.
void* const kNowhere = reinterpret_cast<void*>(64);
void* volatile nowhere = kNowhere;  // about which the compiler knows nothing

void crash() {
    *static_cast<volatile int*>(nowhere) = 1;
}

TEST(TerminalRescue, AnExceptionThatNobodyCatchesIsReadWhereTheShellIs) {
    PersonAtTerminal person;
    const int status = endsBy(person, [] {
        noCore();
        const std::function<void()> fault = [] { throw std::runtime_error("a fault of ours"); };
        [&]() noexcept { fault(); }();
    });
    expectKilledBy(status, SIGABRT);
    expectLeft(person);
}

TEST(TerminalRescue, IsAsBeforeAfterASignalThatEndsIt) {
    for (const int signal : {SIGQUIT, SIGUSR1, SIGALRM, SIGXCPU}) {
        PersonAtTerminal person;
        const int status = endsBy(person, [signal] {
            noCore();
            ::raise(signal);
        });
        expectKilledBy(status, signal);
        expectLeft(person);
    }
}

TEST(TerminalRescue, IsAsBeforeAfterACrash) {
    PersonAtTerminal person;
    const int status = endsBy(person, [] {
        noCore();
        crash();
    });
    expectKilledBy(status, SIGSEGV);
    expectLeft(person);
}

TEST(TerminalRescue, IsAsBeforeAfterAnAbort) {
    PersonAtTerminal person;
    const int status = endsBy(person, [] {
        noCore();
        std::abort();
    });
    expectKilledBy(status, SIGABRT);
    expectLeft(person);
}

TEST(TerminalRescue, IsAsBeforeAfterAFatalSignalFromElsewhere) {
    for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP}) {
        PersonAtTerminal person;
        const int status = endsBy(person, [signal] {
            noCore();
            kill(getpid(), signal);
        });
        expectKilledBy(status, signal);
        expectLeft(person);
    }
}

// Deep enough for any stack; the sum keeps the compiler from making a loop of it.
int overflow(int depth) {
    std::array<volatile char, 1024> frame = {};
    frame[static_cast<size_t>(depth) % frame.size()] = 1;
    return depth < 0 ? frame[0] : overflow(depth + 1) + frame[1];
}

TEST(TerminalRescue, IsAsBeforeAfterAStackOverflow) {
    PersonAtTerminal person;
    const int status = endsBy(person, [] {
        noCore();
        if (overflow(0) == 1) _exit(0);
    });
    expectKilledBy(status, SIGSEGV);
    expectLeft(person);
}

TEST(TerminalRescue, IsAsBeforeAfterExit) {
    PersonAtTerminal person;
    const int status = endsBy(person, [] { std::exit(7); });
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
    expectLeft(person);
}

TEST(TerminalRescue, LeavesItToTheOneWhoEnteredIt) {
    PersonAtTerminal person;
    EXPECT_EQ(endsBy(person,
                     [] {
                         const pid_t fork = ::fork();
                         if (fork == 0) std::exit(0);
                         waitpid(fork, nullptr, 0);
                         termios mode = {};
                         tcgetattr(STDIN_FILENO, &mode);
                         _exit((mode.c_lflag & ICANON) == 0 ? 0 : 1);
                     }),
              0);
    EXPECT_THAT(person.shown(), Not(HasSubstr(std::string(kLeave))));
}

TEST(TerminalRescue, CallsTheHandlerThatWasThereBefore) {
    PersonAtTerminal person;
    const int status = person.run([] {
        signal(SIGSEGV, [](int) {
            say("handled");
            _exit(5);
        });
        const auto terminal = opened();
        terminal->enter();
        kill(getpid(), SIGSEGV);
        return 0;
    });
    EXPECT_EQ(WEXITSTATUS(status), 5);
    expectLeft(person);
    EXPECT_GT(person.shown().find("handled"), person.shown().find(kLeave));
}

TEST(TerminalRescue, LetsTheHandlerBeforeSeeWhereTheFaultWas) {
    PersonAtTerminal person;
    const int status = person.run([] {
        struct sigaction before = {};
        before.sa_flags = SA_SIGINFO;
        before.sa_sigaction = [](int, siginfo_t* info, void*) {
            const bool there = info->si_code > 0 && info->si_addr == kNowhere;
            _exit(there ? 6 : 1);
        };
        sigaction(SIGSEGV, &before, nullptr);
        const auto terminal = opened();
        terminal->enter();
        crash();
        return 0;
    });
    EXPECT_EQ(WEXITSTATUS(status), 6);
    expectLeft(person);
}

TEST(TerminalRescue, LeavesNoHandlersBehind) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        struct sigaction before = {}, after = {};
        sigaction(SIGSEGV, nullptr, &before);
        opened()->enter();
        sigaction(SIGSEGV, nullptr, &after);
        return before.sa_handler == after.sa_handler ? 0 : 1;
    }),
              0);
}

TEST(TerminalRescue, LeavesTheShellsModeAloneWhenItCrashesInTheBackground) {
    PersonAtTerminal person;
    EXPECT_EQ(person.run([] {
        Shell shell([] {
            noCore();
            const auto terminal = opened();
            terminal->enter();
            raise(SIGSTOP);
            crash();
            return 0;
        });
        if (!stoppedBy(shell.await(), SIGSTOP) || !isRaw()) return 1;
        shell.takeTerminal();
        shell.goOn();
        return shell.await() != 0 && isRaw() ? 0 : 2;
    }),
              0);
    EXPECT_THAT(person.shown(), HasSubstr(std::string(kLeave)));
}

}  // namespace
}  // namespace netchat::connect

// A reader of stdout that stands still: deadlines and signals do not wait for it, and nothing
// counts as seen that was not written.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr milliseconds kReaderDeadline{2'000};
// Far less than a reader stands still.
constexpr milliseconds kReaderBound{30'000};
constexpr int kTexts = 3;

class StuckReaderTest : public testing::Test {
  protected:
    StuckReaderTest() {
        EXPECT_EQ(::mkfifo(fifo().c_str(), 0600), 0);
        // Somebody has it open for reading, and reads nothing.
        reader_ = ::open(fifo().c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
        EXPECT_GE(reader_, 0);
    }
    ~StuckReaderTest() override { ::close(reader_); }

    // More than a pipe holds, in the room's log.
    void fillTheRoom() {
        Process lines(
            options({"bot", "--server", server.address(), "--nick", "loud", "--stdin", "lines"}));
        for (int i = 0; i < kTexts; ++i) lines.writeLine(std::string(800'000, 'x'));
        lines.closeInput();
        ASSERT_EQ(lines.waitForExit(), 0) << lines.errors();
    }
    // Its stdout is the pipe that nobody reads.
    Process::Options stuck(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"-c", "out=$1; shift; exec \"$0\" \"$@\" >\"$out\"",
                                             NETCHAT_BINARY, fifo()});
        Process::Options how = options(std::move(arguments));
        how.program = "/bin/sh";
        return how;
    }
    std::vector<std::string> listen(const std::vector<std::string>& more) {
        std::vector<std::string> all = {"bot", "--server", server.address(), "--nick",
                                        "ear", "--listen", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Process::Options options(std::vector<std::string> arguments) {
        return {.arguments = std::move(arguments),
                .environment = {{"HOME", folder.path().string()},
                                {"XDG_STATE_HOME", (folder.path() / "state").string()}}};
    }
    std::string fifo() const { return (folder.path() / "fifo").string(); }
    // The pipe takes nothing more, so that whoever writes to it waits.
    void waitUntilFull() {
        const auto started = steady_clock::now();
        pollfd room{reader_, POLLOUT, 0};
        while (::poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) {
            ASSERT_LT(steady_clock::now() - started, kReaderBound);
            pollfd nothing{-1, 0, 0};
            ::poll(&nothing, 1, 5);
        }
    }
    void endsByASignal(Process& process) {
        waitUntilFull();
        const auto started = steady_clock::now();
        process.signal(SIGTERM);
        EXPECT_EQ(process.waitForExit(), 128 + SIGTERM) << process.errors();
        EXPECT_LT(steady_clock::now() - started, kReaderBound);
    }
    void endsInTime(Process& process, steady_clock::time_point started) {
        EXPECT_EQ(process.waitForExit(), 4) << process.errors();
        EXPECT_GE(steady_clock::now() - started, kReaderDeadline);
        EXPECT_LT(steady_clock::now() - started, kReaderDeadline + kReaderBound);
        EXPECT_THAT(process.errors(), HasSubstr("nobody reads"));
    }

    ServerProcess server;
    TempFolder folder;

  private:
    int reader_ = -1;
};

TEST_F(StuckReaderTest, DoesNotHoldUpTheDeadlineOfListen) {
    fillTheRoom();
    const auto started = steady_clock::now();
    Process process(stuck(listen({"--since", "all", "--deadline", "2s"})));
    endsInTime(process, started);
}

TEST_F(StuckReaderTest, DoesNotHoldUpTheDeadlineOfJsonl) {
    fillTheRoom();
    const auto started = steady_clock::now();
    Process process(stuck({"bot", "--server", server.address(), "--nick", "ear", "--stdin", "jsonl",
                           "--since", "all", "--deadline", "2s"}));
    endsInTime(process, started);
}

TEST_F(StuckReaderTest, DoesNotHoldUpTheDeadlineOfAScript) {
    const std::string script =
        folder.write("x.bot", "bot a\nprint '" + std::string(100'000, 'x') + "'\n").string();
    const auto started = steady_clock::now();
    Process process(stuck({"bot", "--server", server.address(), "--deadline", "2s", script}));
    endsInTime(process, started);
}

TEST_F(StuckReaderTest, DoesNotHoldUpASignalToListen) {
    fillTheRoom();
    Process process(stuck(listen({"--since", "all"})));
    endsByASignal(process);
}

TEST_F(StuckReaderTest, DoesNotHoldUpASignalToJsonl) {
    fillTheRoom();
    Process process(stuck({"bot", "--server", server.address(), "--nick", "ear", "--stdin", "jsonl",
                           "--since", "all"}));
    endsByASignal(process);
}

TEST_F(StuckReaderTest, DoesNotHoldUpASignalToAScript) {
    const std::string script =
        folder.write("x.bot", "bot a\nprint '" + std::string(100'000, 'x') + "'\n").string();
    Process process(stuck({"bot", "--server", server.address(), script}));
    endsByASignal(process);
}

TEST_F(StuckReaderTest, DoesNotHoldUpASignalToConnect) {
    fillTheRoom();
    Process json(stuck({"connect", server.address(), "--nick", "ear", "--json", "--since", "all"}));
    endsByASignal(json);
}

TEST_F(StuckReaderTest, WhatItWasNotGivenComesAgain) {
    Process first(options(listen({"--since", "last", "--count", "0"})));
    ASSERT_EQ(first.waitForExit(), 0) << first.errors();
    fillTheRoom();
    Process process(stuck(listen({"--since", "last"})));
    endsByASignal(process);
    Process next(options(listen({"--since", "last", "--count", std::to_string(kTexts)})));
    EXPECT_EQ(next.waitForExit(), 0) << next.errors();
    EXPECT_THAT(next.output(), HasSubstr("\"seq\":1,"));
}

TEST_F(StuckReaderTest, WhatItWasNotGivenByConnectComesAgain) {
    const std::vector<std::string> connect = {"connect", server.address(), "--nick", "ear",
                                              "--json",  "--since",        "last"};
    Process first(options(connect));
    first.waitForLine("\"joined\"");
    first.closeInput();
    ASSERT_EQ(first.waitForExit(), 0) << first.errors();
    fillTheRoom();
    Process process(stuck(connect));
    endsByASignal(process);
    Process next(options(connect));
    for (int i = 1; i <= kTexts; ++i) next.waitForLine("\"seq\":" + std::to_string(i) + ",\"time");
    next.closeInput();
    EXPECT_EQ(next.waitForExit(), 0) << next.errors();
}

}  // namespace
}  // namespace netchat::test

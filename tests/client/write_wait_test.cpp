// A reader that stands still holds up what is written, and nothing else.

#include "modes/client/write_wait.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

#include "modes/client/line_output.h"
#include "modes/net/clock.h"

namespace netchat::client {
namespace {

class WriteWaitTest : public ::testing::Test {
  protected:
    struct Pipe {
        Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
        ~Pipe() {
            ::close(ends[0]);
            ::close(ends[1]);
        }
        int reader() const { return ends[0]; }
        int writer() const { return ends[1]; }
        std::array<int, 2> ends{};
    };

    // More than a pipe holds.
    static std::string much() { return std::string(1'000'000, 'x') + "\n"; }

    Pipe out, other;
    WriteWait wait;
    LineOutput output{out.writer(), &wait};
};

TEST_F(WriteWaitTest, NobodyIsWaitedForBeyondTheEnd) {
    const int64_t endMs = net::monotonicMs() + 50;
    wait.endAt(endMs);
    EXPECT_EQ(output.write(much()), LineOutput::State::Stuck);
    EXPECT_GE(net::monotonicMs(), endMs);
    EXPECT_FALSE(output.reason().empty());
    EXPECT_EQ(output.write("x\n"), LineOutput::State::Stuck);
}

TEST_F(WriteWaitTest, WhatCanBeWrittenIsWrittenAlsoBeyondTheEnd) {
    wait.endAt(net::monotonicMs() - 1);
    EXPECT_EQ(output.write("x\n"), LineOutput::State::Open);
}

TEST_F(WriteWaitTest, WhatIsUrgentIsTakenAndEndsTheWait) {
    int taken = 0;
    wait.urgent({other.reader(), [&] {
                     char byte = 0;
                     taken += ::read(other.reader(), &byte, 1) == 1 ? 1 : 0;
                 }});
    ASSERT_EQ(::write(other.writer(), "x", 1), 1);
    EXPECT_EQ(output.write(much()), LineOutput::State::Stuck);
    EXPECT_EQ(taken, 1);
}

TEST_F(WriteWaitTest, WhoReadsAfterAnUrgentWordHasTheWholeLine) {
    std::string read;
    wait.urgent({other.reader(), [&] {
                     char byte = 0;
                     ASSERT_EQ(::read(other.reader(), &byte, 1), 1);
                     // The reader wakes up: it has what is there, and there is room again.
                     read.resize(200'000);
                     const ssize_t got = ::read(out.reader(), read.data(), read.size());
                     read.resize(static_cast<size_t>(got));
                 }});
    ASSERT_EQ(::write(out.writer(), std::string(65'536, 'y').data(), 65'536), 65'536);
    ASSERT_EQ(::write(other.writer(), "x", 1), 1);
    EXPECT_EQ(output.write("whole\n"), LineOutput::State::Open);
    EXPECT_EQ(read.size(), 65'536u);
}

TEST_F(WriteWaitTest, WhatComesMeanwhileIsRead) {
    std::string read;
    wait.meanwhile({[&] { return other.reader(); },
                    [&] {
                        char byte = 0;
                        ASSERT_EQ(::read(other.reader(), &byte, 1), 1);
                        read += byte;
                        if (read.size() == 3) wait.endAt(net::monotonicMs());
                    }});
    ASSERT_EQ(::write(other.writer(), "abc", 3), 3);
    EXPECT_EQ(output.write(much()), LineOutput::State::Stuck);
    EXPECT_EQ(read, "abc");
}

}  // namespace
}  // namespace netchat::client

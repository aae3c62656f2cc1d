#include "modes/client/line_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

using OutputState = LineOutput::State;

class LineOutputTest : public ::testing::Test {
  protected:
    OutputState append(std::string_view text) {
        const int fd =
            ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const OutputState state = LineOutput(fd).write(text);
        ::close(fd);
        return state;
    }

    test::TempFolder folder;
};

TEST_F(LineOutputTest, ATornLineIsNotGluedToTheNext) {
    folder.write("log", "whole\nto");
    EXPECT_EQ(append("next\n"), OutputState::Open);
    EXPECT_EQ(folder.read("log"), "whole\nto\nnext\n");
}

TEST_F(LineOutputTest, NothingIsAddedToWholeLines) {
    EXPECT_EQ(append("one\n"), OutputState::Open);
    EXPECT_EQ(append(""), OutputState::Open);
    EXPECT_EQ(append("two\n"), OutputState::Open);
    EXPECT_EQ(folder.read("log"), "one\ntwo\n");
}

TEST_F(LineOutputTest, OnlyWhatIsAppendedToIsMended) {
    const int fd = ::open(folder.write("log", "to").c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(LineOutput(fd).write("x\n"), OutputState::Open);
    ::close(fd);
    EXPECT_EQ(folder.read("log"), "x\n");
}

TEST_F(LineOutputTest, SaysWhyItFailedAndWritesNothingMore) {
    const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    LineOutput output(fd);
    EXPECT_EQ(output.write("x\n"), OutputState::Failed);
    EXPECT_EQ(output.reason(), "No space left on device");
    EXPECT_EQ(output.write("y\n"), OutputState::Failed);
    ::close(fd);
}

TEST_F(LineOutputTest, TellsAReaderThatHasGoneFromAFailure) {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ::close(ends[0]);
    EXPECT_EQ(LineOutput(ends[1]).write("x\n"), OutputState::Closed);
    ::close(ends[1]);
}

}  // namespace
}  // namespace netchat::client

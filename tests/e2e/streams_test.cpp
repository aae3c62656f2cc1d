// Standard streams that are closed, or that cannot be written: nothing is taken for empty or done.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/in_shell.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class StreamsTest : public ::testing::Test {
  protected:
    // Runs netchat with these words and redirections in a shell, to its end.
    Ended shell(const std::string& words, const std::string& redirections) const {
        return runInShell(words, redirections, folder_ / "state");
    }
    std::string data() const { return (folder_ / "data").string(); }
    std::string bot() const { return "bot --server " + server_.address() + " --nick ci "; }

    TempFolder folder_;
    ServerProcess server_{{"--data", (folder_ / "data").string()}};
};

TEST_F(StreamsTest, ClosedInputIsNoEmptyFile) {
    const Ended ended = shell(bot() + "--upload - --as q", "<&-");
    EXPECT_EQ(ended.code, 5);
    EXPECT_THAT(ended.errors, HasSubstr("standard input cannot be read: Bad file descriptor"));
    EXPECT_EQ(ended.output, "");
}

TEST_F(StreamsTest, ClosedInputIsNoInputWithoutLines) {
    for (const char* mode : {"lines", "jsonl"}) {
        const Ended ended = shell(bot() + "--stdin " + mode, "<&-");
        EXPECT_EQ(ended.code, 5) << mode;
        EXPECT_THAT(ended.errors, HasSubstr("stdin cannot be read: Bad file descriptor"));
    }
    const Ended connected = shell("connect " + server_.address() + " --nick ci", "<&-");
    EXPECT_EQ(connected.code, 1);
    EXPECT_THAT(connected.errors, HasSubstr("stdin cannot be read: Bad file descriptor"));
    const Ended script = shell("bot --server " + server_.address() + " -", "<&-");
    EXPECT_EQ(script.code, 65);
    EXPECT_THAT(script.errors, HasSubstr("from standard input: Bad file descriptor"));
}

TEST_F(StreamsTest, ClosedInputIsNoEmptyMessageOfTheDay) {
    EXPECT_EQ(shell("ctl --data " + data() + " motd welcome", "").code, 0);
    const Ended ended = shell("ctl --data " + data() + " motd -", "<&-");
    EXPECT_EQ(ended.code, 65);
    EXPECT_THAT(ended.errors, HasSubstr("standard input cannot be read: Bad file descriptor"));
}

TEST_F(StreamsTest, WhatNobodyReadsFromTheBeginningIsNoInput) {
    const Ended ended = shell(bot() + "--listen --count 0", "<&- >&- 2>&-");
    EXPECT_EQ(ended.code, 0) << "it needs no input";
}

TEST_F(StreamsTest, OutputThatCannotBeWrittenIsSaidByEveryCommand) {
    Process ear({{"bot", "--server", server_.address(), "--nick", "ear", "--listen", "--json"},
                 {{"XDG_STATE_HOME", (folder_ / "state").string()}}});
    ear.waitForLine("\"joined\"");
    const std::string commands[][2] = {{"help", "netchat: "},
                                       {"--version", "netchat: "},
                                       {"help serve", "netchat: "},
                                       {"bot --help", "netchat: "},
                                       {"known", "netchat known: "},
                                       {"ctl --data " + data() + " who", "netchat ctl: "},
                                       {"ctl --data " + data() + " --json stats", "netchat ctl: "},
                                       {"log export " + data(), "netchat log: "},
                                       {"log verify " + data(), "netchat log: "}};
    for (const auto& [command, who] : commands) {
        const Ended ended = shell(command, ">/dev/full");
        EXPECT_EQ(ended.code, 1) << command;
        EXPECT_EQ(ended.errors, who + "stdout cannot be written: No space left on device\n")
            << command;
        EXPECT_EQ(shell(command, "| true").code, 0) << command;
    }
}

}  // namespace
}  // namespace netchat::test
